"""Customers of sales that waited for the first import of another organisation: they are added to Xero after it.

Until that import matched customers with the organisation's contacts, a customer without a link gets none by a sale
(`connections.must_match_first`), so that the import can find it. The sale waits for the link.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.push_state import is_owed
from posxero.db.sale import Sale
from posxero.domain.enums import SaleStatus
from posxero.services import owed


def owe_customers_of_sales(session: Session, business_id: UUID, tenant_id: UUID, *, now: datetime) -> int:
    """Owe Xero the customers of unsent sales whom the import did not find there; the caller commits.

    Returns:
        How many customers that are.
    """
    is_linked = select(Link.id).where(
        Link.business_id == Sale.business_id, Link.contact_id == Sale.contact_id, Link.tenant_id == tenant_id
    )
    waiting = (
        select(Contact, Sale.owed_by)
        .join(Sale, (Sale.business_id == Contact.business_id) & (Sale.contact_id == Contact.id))
        .where(
            Sale.business_id == business_id,
            Sale.tenant_id == tenant_id,
            Sale.status == SaleStatus.OPEN,
            Sale.xero_id.is_(None),
            is_owed(Sale),
            ~is_linked.exists(),
        )
        .order_by(Sale.id)
    )
    found: dict[Contact, str] = dict(session.execute(waiting).all())
    session.add_all(owed.link_to_create(contact, tenant_id, by=by, now=now) for contact, by in found.items())
    return len(found)
