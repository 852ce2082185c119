"""Void a sale."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, LinkState, SaleStatus
from posxero.domain.money import ZERO
from posxero.queue import JobQueue
from posxero.services import activity, customer_balances
from posxero.services.contacts import contacts
from posxero.services.push.retry import RETRY_NOW
from posxero.services.sales import queries
from posxero.services.sales.errors import CannotVoid

HAS_MONEY: Final = (
    "This sale has a payment or a credit, so it can't be voided. Credit it in Xero: open the invoice there "
    "and choose Add Credit Note."
)


def void(session: Session, business_id: UUID, sale_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> None:
    """Void a sale here at once, and owe that to Xero where it may have the invoice; commits, then enqueues.

    One that is voided already stays as it is.

    Raises:
        NotFound: There is no such sale in this business.
        CannotVoid: Money was paid on it, or credited.
    """
    with writing(session):
        sale = queries.get(session, business_id, sale_id, lock=True)
        if sale.status is SaleStatus.VOIDED:
            return
        if sale.paid or sale.credited:
            raise CannotVoid(HAS_MONEY)
        sale.status, sale.amount_due = SaleStatus.VOIDED, ZERO
        sale.voided_at, sale.voided_by = now, by
        if _never_attempted(sale):
            sale.sent_revision, sale.state, sale.reason = sale.owed_revision, LinkState.ACTIVE, ""
        else:
            sale.owed_revision += 1
            _retry(sale, now)
        customer_balances.refresh(session, business_id, [sale.contact_id])
        contact = contacts.get(session, business_id, sale.contact_id)
        kind, words = ActivityKind.SALE_VOIDED, f"{sale.number}, {sale.currency} {sale.total:,.2f}."
        activity.record(session, contact, kind, by=by, now=now, note=words, sale_id=sale_id)
    jobs.push(business_id, awaited=True)


def _never_attempted(sale: Sale) -> bool:
    """Return whether no request that creates its invoice can have reached Xero, or be on its way."""
    may_be_in_xero = bool(sale.creation_key or sale.unconfirmed or sale.verify_due) or sale.lease_token is not None
    return sale.xero_id is None and not may_be_in_xero


def _retry(sale: Sale, now: datetime) -> None:
    for column, value in (RETRY_NOW | {"owed_at": now, "owed_by_person": True}).items():
        setattr(sale, column, value)
