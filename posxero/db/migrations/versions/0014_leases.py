"""Store when the lease on a grant or an import was taken, as on links."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0014"
down_revision = "0013"

GRANT_LEASE = timedelta(seconds=30)  # the default length of a lease on a grant, which did not store its beginning


def upgrade() -> None:
    """Add the column, and fill it where a lease is written: without it, a clock that was ahead would prolong one."""
    for table in ("grant", "import"):
        op.add_column(table, sa.Column("leased_at", UtcDateTime(), nullable=True))
    op.execute('UPDATE "import" SET leased_at = heartbeat_at WHERE lease_until IS NOT NULL')
    grant = sa.table(
        "grant",
        sa.column("id", sa.Uuid()),
        sa.column("leased_at", UtcDateTime()),
        sa.column("lease_until", UtcDateTime()),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(grant).where(grant.c.lease_until.is_not(None))).all():
        began = row.lease_until - GRANT_LEASE
        connection.execute(sa.update(grant).where(grant.c.id == row.id).values(leased_at=began))
