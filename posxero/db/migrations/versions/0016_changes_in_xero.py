"""Keep the ids that webhooks of Xero name, and when each kind of check of Xero is due and last worked."""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create both tables."""
    _create_changes()
    _create_checks()


def _create_changes() -> None:
    op.create_table(
        "xero_change",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=False),
        sa.Column("event_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_xero_change_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_xero_change")),
    )
    resource = ["business_id", "tenant_id", "category", "xero_id"]
    op.create_index("uq_xero_change_resource", "xero_change", resource, unique=True)


def _create_checks() -> None:
    op.create_table(
        "drift_check",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("due_at", "scheduled_at", "began_at")),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("worked_at", "failing_since")),
        sa.Column("reason", sa.String(500), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pass_began_at", UtcDateTime(), nullable=True),
        sa.Column("page", sa.Integer(), server_default="0", nullable=False),
        sa.Column("page_size", sa.Integer(), server_default="1000", nullable=False),
        sa.Column("item_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("leased_at", "lease_until")),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_drift_check_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_drift_check")),
    )
    op.create_index("uq_drift_check_kind", "drift_check", ["business_id", "tenant_id", "kind"], unique=True)
    op.create_index("ix_drift_check_due_at", "drift_check", ["due_at"])
