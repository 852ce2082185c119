"""Sales on account: what was charged, and the state of its invoice in Xero."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    TextClause,
    and_,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from posxero.db.base import Base, OfBusiness
from posxero.db.money import MONEY, QUANTITY
from posxero.db.push_state import PushState
from posxero.domain.enums import SaleStatus
from posxero.domain.money import ZERO
from posxero.domain.payments import PaymentKind

UNPAID = text("amount_due > 0")
NOT_SENT = text("state = 'parked'")
STUCK = text("state <> 'active'")
VERIFY_AGAIN = text("verify_again_at IS NOT NULL")
OWED = text("sent_revision < owed_revision OR verify_due")
OWED_IN_SQLITE = text("sent_revision < owed_revision OR verify_due = 1")
PAID = text("status = 'open' AND amount_due <= 0")
VOIDED = text("status = 'voided'")


def _list_index(name: str, condition: TextClause, postgresql: TextClause | None = None, *also: str) -> Index:
    """Return an index of the sales that one status of the list shows, newest last."""
    return Index(
        name,
        "business_id",
        "id",
        *also,
        sqlite_where=condition,
        postgresql_where=condition if postgresql is None else postgresql,
    )


class Sale(PushState, Base):
    """One sale on account, owed to Xero as an invoice. Its prices include tax.

    Revision 1 is the sale, revision 2 that it was voided: nothing else of a sale changes.
    `amount_due` is what the customer still owes of it as we know it; 0 once it is voided.
    """

    __tablename__ = "sale"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("uq_sale_number", "business_id", "number", unique=True),
        Index("uq_sale_xero_invoice", "business_id", "tenant_id", "xero_id", unique=True),
        Index("ix_sale_contact", "business_id", "contact_id", "id", "status", "total", "amount_due"),
        Index("ix_sale_contact_sold_on", "business_id", "contact_id", "sold_on", "id"),
        Index("ix_sale_sold_on", "business_id", "sold_on", "id", "status", "total", "amount_due"),
        Index(
            "ix_sale_unpaid",
            "business_id",
            "contact_id",
            "amount_due",
            "xero_due_on",
            "due_on",
            sqlite_where=UNPAID,
            postgresql_where=UNPAID,
        ),
        _list_index("ix_sale_list_unpaid", UNPAID, UNPAID, "xero_due_on", "due_on", "total", "amount_due"),
        _list_index("ix_sale_list_paid", PAID),
        _list_index("ix_sale_list_voided", VOIDED),
        _list_index("ix_sale_list_stuck", STUCK),
        _list_index("ix_sale_list_waiting", OWED_IN_SQLITE, OWED),
        Index(
            "ix_sale_owed",
            "business_id",
            "tenant_id",
            "owed_at",
            sqlite_where=OWED_IN_SQLITE,
            postgresql_where=OWED,
        ),
        Index(
            "ix_sale_verify_again",
            "business_id",
            "tenant_id",
            "verify_again_at",
            sqlite_where=VERIFY_AGAIN,
            postgresql_where=VERIFY_AGAIN,
        ),
        Index("ix_sale_stuck", "business_id", "tenant_id", sqlite_where=STUCK, postgresql_where=STUCK),
        Index("ix_sale_parked", "business_id", "tenant_id", "state", sqlite_where=NOT_SENT, postgresql_where=NOT_SENT),
    )

    number: Mapped[str] = mapped_column(String(255))  # InvoiceNumber in Xero; another one where Xero has it already
    sold_on: Mapped[date]
    due_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(255), default="", server_default="")
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[SaleStatus] = mapped_column(default=SaleStatus.OPEN)
    url: Mapped[str] = mapped_column(String(500))  # of its page, with its id: by this an invoice in Xero is ours
    total: Mapped[Decimal] = mapped_column(MONEY)
    tax: Mapped[Decimal] = mapped_column(MONEY)
    amount_due: Mapped[Decimal] = mapped_column(MONEY)
    paid: Mapped[Decimal] = mapped_column(MONEY, default=ZERO, server_default="0")
    credited: Mapped[Decimal] = mapped_column(MONEY, default=ZERO, server_default="0")
    xero_total: Mapped[Decimal | None] = mapped_column(MONEY)  # None until Xero has the invoice
    xero_status: Mapped[str] = mapped_column(String(20), default="", server_default="")
    xero_due: Mapped[Decimal | None] = mapped_column(MONEY)  # counts in Xero's balance; 0 unless approved there
    xero_due_on: Mapped[date | None]
    xero_updated_at: Mapped[str] = mapped_column(String(40), default="", server_default="")  # Xero's stamp, ISO 8601
    xero_read_at: Mapped[datetime | None]  # when Xero was asked, or answered our own write
    over_limit_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(255))  # the user's name then
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str] = mapped_column(String(255), default="", server_default="")

    lines: Mapped[list["SaleLine"]] = relationship(
        order_by="SaleLine.position", lazy="raise", cascade="all, delete-orphan"
    )


# Literals, not parameters: only then do both databases use the partial index.
IS_UNPAID: Final[ColumnElement[bool]] = Sale.amount_due > literal_column("0", MONEY)
DUE_ON: Final[ColumnElement[date]] = func.coalesce(Sale.xero_due_on, Sale.due_on)  # by Xero, where that was read
IS_PAID: Final = and_(
    Sale.status == literal_column("'open'", Sale.status.type), Sale.amount_due <= literal_column("0", MONEY)
)
IS_VOIDED: Final[ColumnElement[bool]] = Sale.status == literal_column("'voided'", Sale.status.type)
IS_STUCK: Final[ColumnElement[bool]] = Sale.state != literal_column("'active'", Sale.state.type)


class SaleLine(OfBusiness, Base):
    """One line of a sale. `tax_rate` in percent is the one that Xero had when it was sold."""

    __tablename__ = "sale_line"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "sale_id"], ["sale.business_id", "sale.id"], ondelete="CASCADE"),
        Index("uq_sale_line_position", "business_id", "sale_id", "position", unique=True),
    )

    sale_id: Mapped[UUID]
    position: Mapped[int]
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    unit_price: Mapped[Decimal] = mapped_column(MONEY)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    tax: Mapped[Decimal] = mapped_column(MONEY)
    account_code: Mapped[str] = mapped_column(String(10))
    tax_type: Mapped[str] = mapped_column(String(50))
    tax_rate: Mapped[Decimal] = mapped_column(QUANTITY)


class SalePayment(OfBusiness, Base):
    """What Xero says was paid on a sale's invoice, or credited against it."""

    __tablename__ = "sale_payment"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "sale_id"], ["sale.business_id", "sale.id"], ondelete="CASCADE"),
        Index("ix_sale_payment_sale", "business_id", "sale_id", "paid_on", "id"),
    )

    sale_id: Mapped[UUID]
    kind: Mapped[PaymentKind]
    xero_id: Mapped[UUID]  # of the payment, or of the credit; one credit may be applied to an invoice twice
    paid_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    reference: Mapped[str] = mapped_column(String(255), default="", server_default="")
