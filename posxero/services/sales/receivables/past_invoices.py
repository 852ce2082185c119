"""How many invoices in Xero print with what is saved of a customer now."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import Sale
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import SaleStatus

MAX_COUNTED: Final = 1000  # of each sort


def count(session: Session, link: Link) -> int | None:
    """Count the invoices to a contact that we know of; None where Xero has none as far as we know.

    Known are those of our sales, and those of others that are not paid: Xero may have more. So it may have some
    where 0 are known.
    """
    if link.xero_id is None or link.state.gone:
        return None
    of_contact = (Sale.contact_id == link.contact_id, Sale.tenant_id == link.tenant_id, Sale.xero_id.is_not(None))
    ours = select(Sale.id).where(Sale.business_id == link.business_id, *of_contact, Sale.status == SaleStatus.OPEN)
    others = select(OtherInvoice.id).where(
        OtherInvoice.business_id == link.business_id,
        OtherInvoice.tenant_id == link.tenant_id,
        OtherInvoice.xero_contact_id == link.xero_id,
    )
    counts = [select(func.count()).select_from(one.limit(MAX_COUNTED).subquery()) for one in (ours, others)]
    known = sum(session.execute(select(*(one.scalar_subquery() for one in counts))).one())
    return known if known or XeroCopy.from_json(link.copy).is_customer else None
