"""Let an import be undone, and store when its pause was written apart from its lease, which has a column for that."""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the columns; an import that is leased now has the lease's time in `leased_at`."""
    op.alter_column("import", "heartbeat_at", new_column_name="paused_at")
    op.execute('UPDATE "import" SET leased_at = paused_at WHERE lease_until IS NOT NULL')
    op.execute('UPDATE "import" SET paused_at = NULL WHERE paused_until IS NULL')
    op.add_column("import", sa.Column("ended_at", UtcDateTime(), nullable=True))
    op.execute('UPDATE "import" SET ended_at = finished_at')
    op.add_column("import", sa.Column("undone", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import", sa.Column("undone_by", sa.String(length=255), server_default="", nullable=False))
    op.add_column("import", sa.Column("rows_deleted_at", UtcDateTime(), nullable=True))
