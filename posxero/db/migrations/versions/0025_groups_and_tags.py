"""Keep groups and tags of contacts, and lists that are saved under a name; index what lists sort by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0025"
down_revision = "0024"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
FLAGS = ["is_customer", "is_supplier", "archived_at"]


def upgrade() -> None:
    """Add the tables, the columns of a contact, and the indexes that its filters are read off."""
    _create_tables()
    op.add_column("business", sa.Column("list_choices", JSON, server_default="{}", nullable=False))
    op.add_column("contact", sa.Column("customer_group", sa.String(30), server_default="", nullable=False))
    op.add_column("contact", sa.Column("tags", sa.Text(), server_default="", nullable=False))
    _order_never_sold_last()
    _partial("ix_contact_group", ["business_id", "customer_group", "name_key", "id", *FLAGS], "customer_group <> ''")
    _partial("ix_contact_tagged", ["business_id", "name_key", "id", "tags", *FLAGS], "tags <> ''")


def _order_never_sold_last() -> None:
    """Let PostgreSQL read the index backwards for the last sale, with those who never bought at the end."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_contact_last_sold_on", "contact")
        last_sold_on = sa.text("last_sold_on NULLS FIRST")
        op.create_index("ix_contact_last_sold_on_pg", "contact", ["business_id", last_sold_on, "id", *FLAGS])


def _create_tables() -> None:
    op.create_table(
        "label",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("name_key", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_label_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_label")),
    )
    op.create_index("uq_label_name", "label", ["business_id", "kind", "name_key"], unique=True)
    op.create_table(
        "saved_filter",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_saved_filter_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_saved_filter")),
    )
    op.create_index("uq_saved_filter_name", "saved_filter", ["business_id", "kind", "name_key"], unique=True)


def _partial(name: str, columns: list[str], condition: str) -> None:
    op.create_index(name, "contact", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
