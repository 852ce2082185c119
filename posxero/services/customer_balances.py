"""What customers owe, and when they were last sold to: kept on their rows, so that lists sort and filter by it.

Whatever changes a sale calls `refresh` in the same transaction, after its own rows are written: sales are locked before
their customers.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.sale import IS_UNPAID, Sale
from posxero.domain.enums import SaleStatus


def refresh(session: Session, business_id: UUID, contact_ids: Collection[UUID], *, are_locked: bool = False) -> None:
    """Recount what contacts owe, and when they were last sold to; the caller commits.

    Their rows are locked first and their sales read after that, so that of two transactions that change sales of one
    customer the later one counts both.

    Args:
        are_locked: The caller has locked their rows already.
    """
    ids = sorted(contact_ids)
    if not ids:
        return
    session.flush()
    ours = (Contact.business_id == business_id, Contact.id.in_(ids))
    if not are_locked:
        session.execute(select(Contact.id).where(*ours).order_by(Contact.id).with_for_update()).all()
    of_contact = (Sale.business_id == Contact.business_id, Sale.contact_id == Contact.id)
    unpaid = select(func.coalesce(func.sum(Sale.amount_due), 0)).where(*of_contact, IS_UNPAID)
    open_ones = select(Sale.sold_on).where(*of_contact, Sale.status == SaleStatus.OPEN)
    last = open_ones.order_by(Sale.sold_on.desc()).limit(1)
    session.execute(
        update(Contact)
        .where(*ours)
        .values(owes=unpaid.scalar_subquery(), last_sold_on=last.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
