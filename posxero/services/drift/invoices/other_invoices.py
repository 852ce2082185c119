"""Keep the open invoices of Xero that no sale made."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.other_invoice import OtherInvoice
from posxero.xero.invoice_reading import read_state
from posxero.xero.invoice_shapes import NO_ID, Invoice

MAX_NUMBER = 255  # characters


def store(
    session: Session, business_id: UUID, tenant_id: UUID, invoices: Sequence[Invoice], read_at: datetime
) -> set[UUID]:
    """Write which of the invoices are open, and remove the others; the caller commits.

    Args:
        read_at: When Xero was asked for them.

    Returns:
        The invoices of which something else is due than was known.
    """
    ids = [invoice.invoice_id for invoice in invoices]
    ours = (OtherInvoice.business_id == business_id, OtherInvoice.tenant_id == tenant_id)
    query = select(OtherInvoice).where(*ours, OtherInvoice.xero_id.in_(ids)).order_by(OtherInvoice.xero_id)
    kept = {row.xero_id: row for row in session.scalars(query.with_for_update())} if ids else {}
    changed = set()
    for invoice in invoices:
        state, row = read_state(invoice), kept.get(invoice.invoice_id)
        if row is not None and not state.supersedes(row.xero_updated_at, kept_at=row.xero_read_at, read_at=read_at):
            continue
        if state.due != (row.amount_due if row else 0):
            changed.add(invoice.invoice_id)
        if state.due <= 0:
            if row is not None:
                session.delete(row)
            continue
        if row is None:
            row = OtherInvoice(business_id=business_id, id=new_id(), tenant_id=tenant_id, xero_id=invoice.invoice_id)
            session.add(row)
        row.xero_contact_id = invoice.contact.contact_id if invoice.contact else NO_ID
        row.number = (invoice.invoice_number or "")[:MAX_NUMBER]
        row.amount_due, row.due_on = state.due, state.due_on
        row.xero_updated_at, row.xero_read_at = state.updated_at, read_at
    session.flush()
    return changed


def remove(session: Session, business_id: UUID, tenant_id: UUID, xero_ids: Sequence[UUID]) -> None:
    """Remove invoices that Xero does not have any more; the caller commits."""
    if xero_ids:
        ours = (OtherInvoice.business_id == business_id, OtherInvoice.tenant_id == tenant_id)
        statement = delete(OtherInvoice).where(*ours, OtherInvoice.xero_id.in_(xero_ids))
        session.execute(statement.execution_options(synchronize_session=False))


def remove_unseen(session: Session, business_id: UUID, tenant_id: UUID, *, before: datetime) -> None:
    """Remove what a pass over every open invoice did not show; the caller commits.

    Args:
        before: When the pass began.
    """
    session.execute(
        delete(OtherInvoice)
        .where(OtherInvoice.business_id == business_id, OtherInvoice.tenant_id == tenant_id)
        .where(OtherInvoice.xero_read_at < before)
        .execution_options(synchronize_session=False)
    )
