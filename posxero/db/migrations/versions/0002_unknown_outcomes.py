"""Keep what a request carries, until its outcome is certain; put people's saves before a backlog."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0002"
down_revision = "0001"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
VERIFY_AGAIN = sa.text("verify_again_at IS NOT NULL")
COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("owed_at", UtcDateTime(), nullable=True),
    sa.Column("owed_by_person", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("creation_body", JSON, server_default="{}", nullable=False),
    sa.Column("creation_started_at", UtcDateTime(), nullable=True),
    sa.Column("in_flight", JSON, nullable=True),
    sa.Column("verify_again_at", UtcDateTime(), nullable=True),
    sa.Column("doubted", JSON, server_default="[]", nullable=False),
    sa.Column("leased_at", UtcDateTime(), nullable=True),
    sa.Column("snoozed_at", UtcDateTime(), nullable=True),
    sa.Column("refresh_due", sa.Boolean(), server_default=sa.false(), nullable=False),
)


def upgrade() -> None:
    """Add columns only, which both databases do in place; what is owed already counts as a backlog."""
    for column in COLUMNS:
        op.add_column("link", column)
    op.add_column("connection", sa.Column("backlog_paused_at", UtcDateTime(), nullable=True))
    op.add_column("connection", sa.Column("backlog_until", UtcDateTime(), nullable=True))
    op.drop_index("ix_link_owed", "link")
    op.create_index(
        "ix_link_owed",
        "link",
        ["business_id", "tenant_id", "owed_at"],
        sqlite_where=sa.text("sent_revision < owed_revision OR verify_due = 1"),
        postgresql_where=sa.text("sent_revision < owed_revision OR verify_due"),
    )
    op.create_index(
        "ix_link_verify_again",
        "link",
        ["business_id", "tenant_id", "verify_again_at"],
        sqlite_where=VERIFY_AGAIN,
        postgresql_where=VERIFY_AGAIN,
    )
