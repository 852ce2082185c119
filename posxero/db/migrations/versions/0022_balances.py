"""Keep what customers owe beside them, and what Xero says of their invoices: payments, credit, and what is not ours."""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime
from posxero.db.money import ExactDecimal

revision = "0022"
down_revision = "0021"

MONEY = ExactDecimal(2)
COUNT_WHAT_IS_OWED = sa.text("""
    UPDATE contact SET
        owes = coalesce((
            SELECT sum(sale.amount_due) FROM sale
            WHERE sale.business_id = contact.business_id AND sale.contact_id = contact.id AND sale.amount_due > 0
        ), 0),
        last_sold_on = (
            SELECT max(sale.sold_on) FROM sale
            WHERE sale.business_id = contact.business_id AND sale.contact_id = contact.id AND sale.status = 'open'
        )
    WHERE EXISTS (
        SELECT 1 FROM sale WHERE sale.business_id = contact.business_id AND sale.contact_id = contact.id
    )
""")
COPY_WHAT_XERO_SAID = sa.text("""
    UPDATE sale SET xero_due = CASE WHEN xero_status = 'AUTHORISED' THEN xero_total - paid - credited ELSE 0 END
    WHERE xero_total IS NOT NULL
""")


def upgrade() -> None:
    """Add the columns with their indexes and what they hold by now, and the tables."""
    op.add_column("contact", sa.Column("owes", MONEY, server_default="0", nullable=False))
    op.add_column("contact", sa.Column("last_sold_on", sa.Date(), nullable=True))
    listed = ["id", "is_customer", "is_supplier", "archived_at"]
    op.create_index("ix_contact_owes", "contact", ["business_id", "owes", *listed])
    op.create_index("ix_contact_last_sold_on", "contact", ["business_id", "last_sold_on", *listed])
    op.create_index("ix_sale_contact_sold_on", "sale", ["business_id", "contact_id", "sold_on", "id"])
    op.execute(COUNT_WHAT_IS_OWED)
    op.add_column("sale", sa.Column("xero_due", MONEY, nullable=True))
    op.add_column("sale", sa.Column("xero_due_on", sa.Date(), nullable=True))
    op.add_column("sale", sa.Column("xero_updated_at", sa.String(40), server_default="", nullable=False))
    op.add_column("sale", sa.Column("xero_read_at", UtcDateTime(), nullable=True))
    op.execute(COPY_WHAT_XERO_SAID)
    op.add_column("link", sa.Column("outstanding", MONEY, nullable=True))
    op.add_column("link", sa.Column("overdue", MONEY, nullable=True))
    op.add_column("link", sa.Column("balance_at", UtcDateTime(), nullable=True))
    _create_sale_payment()
    _create_other_invoice()


def _create_sale_payment() -> None:
    op.create_table(
        "sale_payment",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("reference", sa.String(255), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["business_id", "sale_id"], ["sale.business_id", "sale.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("business_id", "id"),
    )
    op.create_index("ix_sale_payment_sale", "sale_payment", ["business_id", "sale_id", "paid_on", "id"])


def _create_other_invoice() -> None:
    op.create_table(
        "other_invoice",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=False),
        sa.Column("xero_contact_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(255), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount_due", MONEY, nullable=False),
        sa.Column("xero_updated_at", sa.String(40), server_default="", nullable=False),
        sa.Column("xero_read_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("business_id", "id"),
    )
    op.create_index("uq_other_invoice_xero", "other_invoice", ["business_id", "tenant_id", "xero_id"], unique=True)
    of_contact = ["business_id", "tenant_id", "xero_contact_id", "amount_due"]
    op.create_index("ix_other_invoice_contact", "other_invoice", of_contact)
