"""Keep searches in Xero, copies of contacts whose links were removed, and the contacts that others were merged into."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0018"
down_revision = "0017"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JSON_OR_NULL = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
UNANSWERED = sa.text("answered_at IS NULL")
STUCK = sa.text("state <> 'active'")
OF_CONTACT = (["business_id", "contact_id"], ["contact.business_id", "contact.id"])


def upgrade() -> None:
    """Create both tables, the column of a link and the index of links in trouble."""
    op.create_table(
        "xero_search",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String(length=255), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("results", JSON, nullable=False, server_default="[]"),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(*OF_CONTACT, name=op.f("fk_xero_search_business_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_xero_search")),
    )
    op.create_index("uq_xero_search_contact", "xero_search", ["business_id", "contact_id"], unique=True)
    op.create_index("ix_xero_search_asked_at", "xero_search", ["asked_at"])
    op.create_index(
        "ix_xero_search_unanswered",
        "xero_search",
        ["business_id"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
    op.create_table(
        "unlinked_copy",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=False),
        sa.Column("copy", JSON, nullable=False),
        sa.Column("unlinked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(*OF_CONTACT, name=op.f("fk_unlinked_copy_business_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_unlinked_copy")),
    )
    columns = ["business_id", "contact_id", "tenant_id", "xero_id"]
    op.create_index("uq_unlinked_copy_contact", "unlinked_copy", columns, unique=True)
    op.create_index("ix_unlinked_copy_unlinked_at", "unlinked_copy", ["unlinked_at"])
    op.add_column("link", sa.Column("survivor", JSON_OR_NULL, nullable=True))
    columns = ["business_id", "tenant_id", "state", "id"]
    op.create_index("ix_link_stuck", "link", columns, sqlite_where=STUCK, postgresql_where=STUCK)
