"""Sales on account as invoices: each is created once, after its customer, and can then only be voided."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, not_
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.push_state import PushState, is_owed
from posxero.db.sale import Sale
from posxero.domain.diff import Difference
from posxero.domain.enums import ActivityKind, LinkState, SaleStatus
from posxero.domain.invoice_states import OVER
from posxero.domain.money import ZERO
from posxero.domain.refusals import ABOUT_ORGANISATION, Refusal, RefusalKind
from posxero.services import customer_balances, organisation_readings, sale_numbers
from posxero.services.drift.invoices import balances
from posxero.services.push.items import Creation
from posxero.services.push.kinds import invoice_reasons as reasons
from posxero.services.push.kinds.invoice_item import AUTHORISED, PAID, VOIDED, InvoiceItem, SaleFeed, load_items
from posxero.services.push.kinds.kind import KindWords, PushKind
from posxero.xero.client import MAX_IDS, XeroClient
from posxero.xero.invoice_reading import read_state
from posxero.xero.invoice_shapes import Invoice
from posxero.xero.invoice_writing import creation_of, void_of
from posxero.xero.refusals import raw_json

VOIDED_THERE: Final = "Voided in Xero."


class InvoiceKind(PushKind[InvoiceItem, Invoice]):
    """How sales are pushed. An invoice of Xero is a sale's when it has its number and its page's address."""

    name = "sale"
    table = Sale
    feed = SaleFeed()
    batch_size = 10  # each creation is a call or two of its own
    creations_batch_size = 4
    read_batch_size = MAX_IDS
    is_mutable = True
    has_history = True
    has_running_numbers = True
    activity_kinds: ClassVar[Mapping[ActivityKind, ActivityKind | None]] = {
        ActivityKind.SENT: ActivityKind.SALE_SENT,
        ActivityKind.NOT_SENT: ActivityKind.SALE_NOT_SENT,
        ActivityKind.GONE_FROM_XERO: ActivityKind.SALE_NOT_SENT,
        ActivityKind.DELAYED: ActivityKind.SALE_DELAYED,
        ActivityKind.VERIFIED: None,
    }
    words = KindWords(
        internal_error=reasons.BROKEN,
        not_in_answer=reasons.INCOMPLETE,
        other_in_answer=reasons.ANOTHER,
        no_reason=reasons.NO_REASON,
        taken=reasons.TAKEN,
        created="Added to Xero as an invoice.",
        renumbered=reasons.RENUMBERED,
    )

    def blocked(self) -> ColumnElement[bool]:
        """Return the condition that its customer is not in Xero as it is here: an invoice needs it, a void does not."""
        sent = exists().where(
            Link.business_id == Sale.business_id,
            Link.contact_id == Sale.contact_id,
            Link.tenant_id == Sale.tenant_id,
            Link.xero_id.is_not(None),
            Link.state == LinkState.ACTIVE,
            not_(is_owed(Link)),
        )
        return and_(Sale.xero_id.is_(None), not_(sent))

    def load(
        self, session: Session, business_id: UUID, ids: Sequence[UUID], *, now: datetime
    ) -> Sequence[tuple[PushState, InvoiceItem]]:
        """Load sales with their lines and customers."""
        return load_items(session, business_id, ids, now)

    def is_withdrawn(self, item: InvoiceItem) -> bool:
        """Return whether the sale was voided, so that nothing of it is to be created."""
        return item.is_voided

    def find(self, client: XeroClient, item: InvoiceItem) -> Sequence[Invoice]:
        """Find invoices with its number."""
        return client.invoices_by_number(item.number)

    def is_ours(self, item: InvoiceItem, remote: Invoice) -> bool:
        """Return whether an invoice has its number, and the address of its page, which holds its id."""
        same_number = (remote.invoice_number or "").lower() == item.number.lower()
        return same_number and str(item.id) in (remote.url or "").lower()

    def objection(self, item: InvoiceItem, remote: Invoice) -> str:
        """Return why an invoice that still counts is not its own after all: another contact, or a total to charge."""
        contact_id = remote.contact.contact_id if remote.contact else None
        is_same_contact = contact_id == item.xero_contact_id
        if remote.status in OVER or (is_same_contact and (item.is_voided or remote.total == item.total)):
            return ""
        return reasons.not_ours(item.number, total=remote.total, is_same_contact=is_same_contact)

    def element_of(self, item: InvoiceItem) -> Mapping[str, Any]:
        """Return the whole invoice."""
        if item.draft is None:
            raise ValueError("a sale whose customer is not in Xero is blocked")
        return creation_of(item.draft)

    def create(self, client: XeroClient, item: InvoiceItem, creation: Creation) -> Invoice:  # noqa: ARG002 - stored
        """Create the invoice."""
        return client.put_invoice(creation.element, idempotency_key=creation.key)

    def update(self, client: XeroClient, items: Sequence[InvoiceItem]) -> Sequence[Invoice]:
        """Void invoices: nothing else of them changes."""
        return client.post_invoices([void_of(item.xero_id) for item in items if item.xero_id is not None])

    def read(self, client: XeroClient, ids: Sequence[UUID]) -> Sequence[Invoice]:
        """Read invoices by their ids."""
        return client.invoices_by_ids(ids)

    def read_one(self, client: XeroClient, xero_id: UUID) -> Invoice | None:
        """Read one invoice by its own address."""
        return client.invoice_by_id(xero_id)

    def id_of(self, remote: Invoice) -> UUID:
        """Return its InvoiceID."""
        return remote.invoice_id

    def raw_of(self, remote: Invoice) -> str:
        """Return the invoice as Xero sent it."""
        return raw_json(remote)

    def is_written(self, remote: Invoice) -> bool:
        """Return whether Xero took it."""
        return remote.is_written

    def complaints_of(self, remote: Invoice) -> Sequence[str]:
        """Return its validation errors."""
        return remote.error_messages

    def notices_of(self, remote: Invoice) -> str:
        """Return that it was voided there, which is all that updates an invoice, and its warnings."""
        said = [VOIDED_THERE] if remote.status == VOIDED else []
        return " ".join([*said, *(notice.message or "" for notice in remote.warnings or ())])

    def differing(self, item: InvoiceItem, remote: Invoice) -> Sequence[Difference]:
        """Compare the status: an invoice of a voided sale must be void, or paid with credit; what is void stays so."""
        ours, theirs = item.values["status"], remote.status or ""
        is_done = theirs in OVER or (theirs == PAID and bool(remote.amount_credited))
        return [Difference("status", "Status", ours, theirs)] if ours == VOIDED and not is_done else ()

    def with_remote(self, item: InvoiceItem, remote: Invoice) -> InvoiceItem:
        """Return the item with the id of the invoice that was found."""
        return replace(item, xero_id=remote.invoice_id)

    def explain(self, item: InvoiceItem, complaints: Sequence[str]) -> Refusal:
        """Return why Xero refused the invoice."""
        return reasons.explain(item.number, complaints)

    def renumber(self, session: Session, business_id: UUID) -> dict[str, Any]:
        """Take the next number."""
        return {"number": sale_numbers.take_number(session, business_id)}

    def update_dependents(self, session: Session, business_id: UUID, items: Sequence[InvoiceItem]) -> None:
        """Recount what the customers owe: an answer may say that money was paid, or credited."""
        customer_balances.refresh(session, business_id, {item.contact_id for item in items})

    def explain_gone(self, state: LinkState) -> str:  # noqa: ARG002 - an invoice can only be missing
        """Return what it means that the invoice is gone."""
        return reasons.MISSING

    def columns_after(self, item: InvoiceItem, remote: Invoice, *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return Xero's total and status, and what was paid and credited as far as it says."""
        paid = Sale.paid if remote.amount_paid is None else remote.amount_paid
        credited = Sale.credited if remote.amount_credited is None else remote.amount_credited
        state = read_state(remote)
        return {
            "xero_total": remote.total,
            "xero_status": remote.status or AUTHORISED,
            "xero_due": state.due if remote.status else remote.amount_due,
            "xero_due_on": state.due_on or Sale.xero_due_on,
            "xero_updated_at": state.updated_at,
            "xero_read_at": now,
            "paid": paid,
            "credited": credited,
            "amount_due": case((Sale.status == SaleStatus.VOIDED, ZERO), else_=Sale.total - paid - credited),
        }

    def record_sent(self, session: Session, connection: Connection, item: InvoiceItem, *, now: datetime) -> None:
        """Have the balance of its contact read: the invoice changed it."""
        if item.xero_contact_id is not None:
            balances.mark_due(session, connection.business_id, connection.tenant_id, {item.xero_contact_id}, now=now)

    def record_refused(self, session: Session, connection: Connection, kind: RefusalKind, *, now: datetime) -> None:
        """Have the organisation read where it no longer allows what it did: other sales would be refused too."""
        if kind in ABOUT_ORGANISATION:
            organisation_readings.mark_due(session, connection.business_id, now=now)
