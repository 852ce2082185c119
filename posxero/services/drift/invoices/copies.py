"""Store what a read of Xero shows of invoices: on the sales that made them, and of those that no sale made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.db.sale import Sale, SalePayment
from posxero.domain.enums import ActivityKind, SaleStatus
from posxero.domain.invoice_states import InvoiceState, Settlement, amount_due, describe_changes
from posxero.domain.money import ZERO
from posxero.services import activity, customer_balances
from posxero.services.drift.invoices import balances, other_invoices
from posxero.xero.invoice_reading import read_state
from posxero.xero.invoice_shapes import NO_ID, Invoice
from posxero.xero.refusals import raw_json

TO_CUSTOMERS: Final = "ACCREC"
_shown_of: Final = attrgetter("status", "due", "due_on", "updated_at")


@dataclass(frozen=True, slots=True)
class InvoiceReading:
    """What one call to Xero showed of invoices of one organisation.

    Attributes:
        business_id: Whose sales they are.
        tenant_id: The organisation.
        found: The invoices by id.
        read_at: The database's time before Xero was asked.
    """

    business_id: UUID
    tenant_id: UUID
    found: Mapping[UUID, Invoice]
    read_at: datetime

    @classmethod
    def of(cls, business_id: UUID, tenant_id: UUID, invoices: Sequence[Invoice], read_at: datetime) -> "InvoiceReading":
        """Return what an answer showed of invoices to customers."""
        ours = {one.invoice_id: one for one in invoices if (one.type or TO_CUSTOMERS) == TO_CUSTOMERS}
        ours.pop(NO_ID, None)
        return cls(business_id, tenant_id, ours, read_at)


def store(session: Session, reading: InvoiceReading, *, now: datetime) -> set[UUID]:
    """Write what changed of invoices, the history of their sales, and whose balance is to be read; the caller commits.

    A sale that a worker is pushing is left out, and so is one that another transaction is writing.

    Args:
        session: In a transaction that writes.
        reading: Of invoices to customers.
        now: The database's time.

    Returns:
        The invoices that were left out.
    """
    sales = _lock_sales(session, reading)
    busy = {sale.xero_id for sale in sales if _is_held(sale, now)} - {None}
    changed: set[UUID] = set()
    for sale in sales:
        if sale.xero_id is not None and sale.xero_id not in busy and _store(session, sale, reading, now):
            changed.add(sale.xero_id)
    customer_balances.refresh(session, reading.business_id, {one.contact_id for one in sales if one.xero_id in changed})
    ours = {sale.xero_id for sale in sales} | _made_by_a_sale(session, reading)
    rest = [invoice for xero_id, invoice in reading.found.items() if xero_id not in ours]
    changed |= other_invoices.store(session, reading.business_id, reading.tenant_id, rest, reading.read_at)
    contact_ids = {_contact_of(reading.found[one]) for one in changed} - {NO_ID}
    balances.mark_due(session, reading.business_id, reading.tenant_id, contact_ids, now=now)
    return {one for one in busy if one is not None}


def _lock_sales(session: Session, reading: InvoiceReading) -> Sequence[Sale]:
    query = select(Sale).where(
        Sale.business_id == reading.business_id,
        Sale.tenant_id == reading.tenant_id,
        Sale.xero_id.in_(list(reading.found)),
    )
    locked = query.order_by(Sale.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).all()


def _is_held(sale: Sale, now: datetime) -> bool:
    return sale.lease_token is not None and sale.lease_until is not None and sale.lease_until > now


def _made_by_a_sale(session: Session, reading: InvoiceReading) -> set[UUID]:
    """Return the invoices that have the address of a sale's page: their push will learn of them."""
    by_sale = {}
    for invoice in reading.found.values():
        try:
            by_sale[UUID((invoice.url or "").rstrip("/").rpartition("/")[2])] = invoice.invoice_id
        except ValueError:
            continue
    known = select(Sale.id).where(Sale.business_id == reading.business_id, Sale.id.in_(list(by_sale)))
    return {by_sale[sale_id] for sale_id in session.scalars(known)} if by_sale else set()


def _store(session: Session, sale: Sale, reading: InvoiceReading, now: datetime) -> bool:
    """Write what Xero shows of a sale's invoice; return whether that is anything new."""
    invoice = reading.found[sale.xero_id or NO_ID]
    state, kept = read_state(invoice), _kept(sale)
    if not state.supersedes(sale.xero_updated_at, kept_at=sale.xero_read_at, read_at=reading.read_at):
        return False
    settled = state.settlements is not None and _store_settlements(session, sale, state.settlements)
    notes = describe_changes(kept, state, sale.currency) if sale.xero_total is not None else []
    if _shown_of(kept) == _shown_of(state) and not settled and not notes:
        return False
    sale.xero_status, sale.xero_total, sale.xero_due = state.status, state.total, state.due
    sale.xero_due_on, sale.xero_updated_at = state.due_on, state.updated_at
    sale.paid, sale.credited = state.paid, state.credited
    sale.amount_due = amount_due(sale.total, sale.paid, sale.credited, is_voided=sale.status is SaleStatus.VOIDED)
    sale.xero_read_at = max(reading.read_at, sale.xero_read_at or reading.read_at)
    answer = raw_json(invoice) if notes and not _is_erased(session, sale) else ""
    for kind, words in notes:
        _record(session, sale, kind, words, answer, now)
    return bool(notes) or kept.due != state.due


def _record(session: Session, sale: Sale, kind: ActivityKind, words: str, answer: str, now: datetime) -> None:
    activity.record_entry(
        session,
        sale.business_id,
        kind,
        now=now,
        contact_id=sale.contact_id,
        sale_id=sale.id,
        note=f"{sale.number}. {words}",
        answer=answer,
    )


def _kept(sale: Sale) -> InvoiceState:
    """Return the state that a sale has of its invoice."""
    return InvoiceState(
        status=sale.xero_status,
        total=sale.xero_total or ZERO,
        due=sale.xero_due or ZERO,
        paid=sale.paid,
        credited=sale.credited,
        due_on=sale.xero_due_on,
        updated_at=sale.xero_updated_at,
    )


def _store_settlements(session: Session, sale: Sale, settlements: Sequence[Settlement]) -> bool:
    """Replace the payments and credits of a sale where they are others now; return whether they are."""
    ours = (SalePayment.business_id == sale.business_id, SalePayment.sale_id == sale.id)
    kept = session.scalars(select(SalePayment).where(*ours).order_by(SalePayment.paid_on, SalePayment.id)).all()
    held = sorted((one.paid_on, one.kind.value, str(one.xero_id), one.amount, one.reference) for one in kept)
    shown = sorted((one.paid_on, one.kind.value, str(one.xero_id), one.amount, one.reference) for one in settlements)
    if held == shown:
        return False
    is_erased = _is_erased(session, sale)
    if is_erased and held == [(*one[:-1], "") for one in shown]:
        return False
    session.execute(delete(SalePayment).where(*ours).execution_options(synchronize_session=False))
    for one in settlements:
        row = SalePayment(
            business_id=sale.business_id,
            id=new_id(),
            sale_id=sale.id,
            kind=one.kind,
            xero_id=one.xero_id,
            paid_on=one.paid_on,
            amount=one.amount,
            reference="" if is_erased else one.reference,
        )
        session.add(row)
    return True


def _is_erased(session: Session, sale: Sale) -> bool:
    """Return whether the customer's details were erased: then no text of Xero's is kept."""
    erased = (Contact.business_id == sale.business_id, Contact.id == sale.contact_id, Contact.erased_at.is_not(None))
    return session.scalar(select(Contact.id).where(*erased)) is not None


def _contact_of(invoice: Invoice) -> UUID:
    return invoice.contact.contact_id if invoice.contact else NO_ID
