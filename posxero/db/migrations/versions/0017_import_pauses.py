"""Store when an import's pause was written apart from its lease, which has a column for that."""

from alembic import op

revision = "0017"
down_revision = "0015"


def upgrade() -> None:
    """Rename the column that held both times; an import that is leased now has the lease's in `leased_at`."""
    op.alter_column("import", "heartbeat_at", new_column_name="paused_at")
    op.execute('UPDATE "import" SET leased_at = paused_at WHERE lease_until IS NOT NULL')
    op.execute('UPDATE "import" SET paused_at = NULL WHERE paused_until IS NULL')
