"""Keep heartbeats of processes, and when a pause began."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0006"
down_revision = "0005"

PROCESSES = ("scheduler", "push", "import", "upkeep")


def upgrade() -> None:
    """Create the table; every process has until its first heartbeat is late."""
    table = op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
    )
    now = datetime.now(UTC)
    op.bulk_insert(table, [{"process": process, "at": now} for process in PROCESSES])
    op.add_column("connection", sa.Column("paused_at", UtcDateTime(), nullable=True))
