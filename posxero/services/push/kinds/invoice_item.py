"""A sale as it was read for a push, and how it reads in Sync activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.orm import Session, selectinload

from posxero.db.activity import Activity
from posxero.db.contact import Link
from posxero.db.push_state import PushState
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, SaleStatus
from posxero.services.push.items import PushItem, push_columns
from posxero.services.push.kinds.kind_feed import FeedTitle, KindFeed
from posxero.xero.invoice_writing import InvoiceDraft, InvoiceLine

AUTHORISED, VOIDED, PAID = "AUTHORISED", "VOIDED", "PAID"  # Xero's words for the states of a sale


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceItem(PushItem):
    """A sale. `draft` is its invoice; None while its contact is not in Xero."""

    number: str
    url: str
    total: Decimal
    xero_contact_id: UUID | None
    is_voided: bool
    draft: InvoiceDraft | None


class SaleFeed(KindFeed):
    """A sale reads as its number and customer, and is cured on its own page."""

    table = Sale
    label = "Sales"
    done = (ActivityKind.SALE_SENT,)
    refusals = (ActivityKind.SALE_NOT_SENT, ActivityKind.SALE_DELAYED)

    def is_about(self) -> ColumnElement[bool]:
        """Return the condition on an entry that it is about the sale."""
        return Activity.sale_id == Sale.id

    def title_of(self, found: Row[Any]) -> FeedTitle:
        """Return its number, and whose it is."""
        return FeedTitle(f"Sale {found.Sale.number}, {found.Contact.name}", "sales", found.Sale.id)


def load_items(
    session: Session, business_id: UUID, ids: Sequence[UUID], now: datetime
) -> Sequence[tuple[PushState, InvoiceItem]]:
    """Load sales with their lines, and the contacts of Xero that they are for."""
    pair = and_(
        Link.business_id == Sale.business_id, Link.contact_id == Sale.contact_id, Link.tenant_id == Sale.tenant_id
    )
    rows = session.execute(
        select(Sale, Link.xero_id)
        .outerjoin(Link, pair)
        .where(Sale.business_id == business_id, Sale.id.in_(ids))
        .options(selectinload(Sale.lines))
        .order_by(Sale.id)
        .execution_options(populate_existing=True)
    )
    return [(sale, _item(sale, contact_id, now)) for sale, contact_id in rows]


def _item(sale: Sale, xero_contact_id: UUID | None, now: datetime) -> InvoiceItem:
    is_voided = sale.status is SaleStatus.VOIDED
    return InvoiceItem(
        **push_columns(sale, now),
        contact_id=sale.contact_id,
        sale_id=sale.id,
        name=sale.number,
        revision=sale.owed_revision,
        values={"status": VOIDED if is_voided else AUTHORISED, "number": sale.number, "total": str(sale.total)},
        added_at=sale.created_at,
        number=sale.number,
        url=sale.url,
        total=sale.total,
        xero_contact_id=xero_contact_id,
        is_voided=is_voided,
        read_first=is_voided,
        draft=_draft(sale, xero_contact_id) if xero_contact_id else None,
    )


def _draft(sale: Sale, xero_contact_id: UUID) -> InvoiceDraft:
    return InvoiceDraft(
        contact_id=xero_contact_id,
        number=sale.number,
        reference=sale.reference,
        sold_on=sale.sold_on,
        due_on=sale.due_on,
        currency=sale.currency,
        url=sale.url,
        lines=[
            InvoiceLine(
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                account_code=line.account_code,
                tax_type=line.tax_type,
            )
            for line in sale.lines
        ],
    )
