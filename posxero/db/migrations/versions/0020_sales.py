"""Keep sales on account, their lines and their settings, and what an organisation has to choose from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime
from posxero.db.money import ExactDecimal

revision = "0020"
down_revision = "0019"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JSON_OR_NULL = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MONEY, QUANTITY = ExactDecimal(2), ExactDecimal(4)


def upgrade() -> None:
    """Add the tables, the limit of a customer, and the sale that an entry of the history is about."""
    _create_sale()
    _create_sale_line()
    _create_settings()
    op.add_column("contact", sa.Column("credit_limit", MONEY, nullable=True))
    op.add_column("activity", sa.Column("sale_id", sa.Uuid(), nullable=True))
    of_sale = sa.text("sale_id IS NOT NULL")
    op.create_index(
        "ix_activity_sale", "activity", ["business_id", "sale_id", "id"], sqlite_where=of_sale, postgresql_where=of_sale
    )


def _create_sale() -> None:
    op.create_table(
        "sale",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=True),
        sa.Column("sent_revision", sa.Integer(), nullable=False),
        sa.Column("owed_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owed_at", UtcDateTime(), nullable=True),
        sa.Column("owed_by_person", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("snoozed_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("creation_key", sa.String(128), server_default="", nullable=False),
        sa.Column("creation_body", JSON, server_default="{}", nullable=False),
        sa.Column("creation_started_at", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("in_flight", JSON_OR_NULL, nullable=True),
        sa.Column("verify_due", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("verify_again_at", UtcDateTime(), nullable=True),
        sa.Column("doubted", JSON, server_default="[]", nullable=False),
        sa.Column("refresh_due", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("number", sa.String(255), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(255), server_default="", nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("total", MONEY, nullable=False),
        sa.Column("tax", MONEY, nullable=False),
        sa.Column("amount_due", MONEY, nullable=False),
        sa.Column("paid", MONEY, server_default="0", nullable=False),
        sa.Column("credited", MONEY, server_default="0", nullable=False),
        sa.Column("xero_total", MONEY, nullable=True),
        sa.Column("xero_status", sa.String(20), server_default="", nullable=False),
        sa.Column("over_limit_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("voided_by", sa.String(255), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_sale_business_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_sale")),
    )
    op.create_index("uq_sale_number", "sale", ["business_id", "number"], unique=True)
    op.create_index("uq_sale_xero_invoice", "sale", ["business_id", "tenant_id", "xero_id"], unique=True)
    op.create_index("ix_sale_contact", "sale", ["business_id", "contact_id", "id"])
    op.create_index("ix_sale_sold_on", "sale", ["business_id", "sold_on", "id", "status", "total", "amount_due"])
    _partial("ix_sale_unpaid", ["business_id", "contact_id", "amount_due"], "amount_due > 0")
    _partial("ix_sale_verify_again", ["business_id", "tenant_id", "verify_again_at"], "verify_again_at IS NOT NULL")
    _partial("ix_sale_parked", ["business_id", "tenant_id", "state"], "state = 'parked'")
    op.create_index(
        "ix_sale_owed",
        "sale",
        ["business_id", "tenant_id", "owed_at"],
        sqlite_where=sa.text("sent_revision < owed_revision OR verify_due = 1"),
        postgresql_where=sa.text("sent_revision < owed_revision OR verify_due"),
    )


def _partial(name: str, columns: list[str], condition: str) -> None:
    op.create_index(name, "sale", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _create_sale_line() -> None:
    op.create_table(
        "sale_line",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", QUANTITY, nullable=False),
        sa.Column("unit_price", MONEY, nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("tax", MONEY, nullable=False),
        sa.Column("account_code", sa.String(10), nullable=False),
        sa.Column("tax_type", sa.String(50), nullable=False),
        sa.Column("tax_rate", QUANTITY, nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "sale_id"],
            ["sale.business_id", "sale.id"],
            name=op.f("fk_sale_line_business_id_sale_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_sale_line")),
    )
    op.create_index("uq_sale_line_position", "sale_line", ["business_id", "sale_id", "position"], unique=True)


def _create_settings() -> None:
    op.create_table(
        "sales_settings",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_code", sa.String(10), nullable=False),
        sa.Column("tax_type", sa.String(50), nullable=False),
        sa.Column("due_rule", sa.String(20), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("number_prefix", sa.String(50), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("default_limit", MONEY, nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_sales_settings_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_sales_settings")),
    )
    op.create_index("uq_sales_settings_business", "sales_settings", ["business_id"], unique=True)
    op.create_table(
        "organisation_settings",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("accounts", JSON, nullable=False),
        sa.Column("tax_rates", JSON, nullable=False),
        sa.Column("locked_until", sa.Date(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_organisation_settings_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_organisation_settings")),
    )
    op.create_index(
        "uq_organisation_settings_tenant", "organisation_settings", ["business_id", "tenant_id"], unique=True
    )
