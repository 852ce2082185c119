"""How many invoices in Xero print with what is saved of a customer now."""

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.merge import ContactMerge, MergedRow
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import Sale
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState, SaleStatus

MAX_COUNTED: Final = 1000  # of each sort


def count(session: Session, link: Link) -> int | None:
    """Count the invoices to a contact that we know of; None where Xero has none as far as we know.

    Known are those of our sales, and those of others that are not paid: Xero may have more. So it may have some
    where 0 are known.
    """
    if link.xero_id is None or link.state.is_gone:
        return None
    of_contact = (Sale.contact_id == link.contact_id, Sale.tenant_id == link.tenant_id, Sale.xero_id.is_not(None))
    is_open = and_(Sale.business_id == link.business_id, *of_contact, Sale.status == SaleStatus.OPEN)
    ours = select(Sale.id).where(is_open, ~_is_to_merged_contact(link))
    others = select(OtherInvoice.id).where(
        OtherInvoice.business_id == link.business_id,
        OtherInvoice.tenant_id == link.tenant_id,
        OtherInvoice.xero_contact_id == link.xero_id,
    )
    counts = [select(func.count()).select_from(one.limit(MAX_COUNTED).subquery()) for one in (ours, others)]
    known = sum(session.execute(select(*(one.scalar_subquery() for one in counts))).one())
    return known if known or XeroCopy.from_json(link.copy).is_customer else None


def _is_to_merged_contact(link: Link) -> ColumnElement[bool]:
    """Return the condition that a sale came by a merge, and that its invoice is to another contact of Xero still."""
    return (
        exists()
        .where(
            Contact.business_id == link.business_id,
            Contact.merged_into == link.contact_id,
            ContactMerge.business_id == Contact.business_id,
            ContactMerge.loser_id == Contact.id,
            ContactMerge.undone_at.is_(None),
            ContactMerge.merged_at > Sale.sent_at,
            MergedRow.business_id == ContactMerge.business_id,
            MergedRow.merge_id == ContactMerge.id,
            MergedRow.moved_table == Sale.__tablename__,
            MergedRow.row_id == Sale.id,
            Link.business_id == Contact.business_id,
            Link.tenant_id == link.tenant_id,
            Link.contact_id == Contact.id,
            Link.state != LinkState.MERGED,
        )
        .correlate(Sale)
    )
