"""Keep notes about saved changes for Xero's own history of a contact, where a business wants them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0013"
down_revision = "0012"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JSON_OR_NULL = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add the table and the choice."""
    op.create_table(
        "history_note",
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
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.String(250), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "link_id"],
            ["link.business_id", "link.id"],
            name=op.f("fk_history_note_business_id_link_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_history_note")),
    )
    op.create_index(
        "ix_history_note_owed",
        "history_note",
        ["business_id", "tenant_id", "owed_at"],
        sqlite_where=sa.text("sent_revision < owed_revision OR verify_due = 1"),
        postgresql_where=sa.text("sent_revision < owed_revision OR verify_due"),
    )
    op.create_index("ix_history_note_leased", "history_note", ["business_id", "tenant_id", "leased_at"])
    op.create_index("ix_history_note_link", "history_note", ["business_id", "link_id"])
    op.add_column("connection", sa.Column("history_notes", sa.Boolean(), server_default=sa.false(), nullable=False))
