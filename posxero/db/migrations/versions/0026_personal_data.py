"""Remember whose details were erased, and take the names of customers out of the security log.

The log named the customer whose history was downloaded, and cannot be changed: its triggers are dropped for this one
statement and made again. From now on it has the customer's id.
"""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0026"
down_revision = "0025"

NAMELESS = "History of one customer or supplier"
EVERYONE = "History of everyone"
SQLITE_TRIGGER = """CREATE TRIGGER security_event_no_update BEFORE UPDATE ON security_event
    BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END"""
POSTGRESQL_TRIGGER = "security_event_append_only"


def upgrade() -> None:
    """Add the columns, and rewrite what the log says of downloads."""
    op.add_column("contact", sa.Column("erased_at", UtcDateTime(), nullable=True))
    op.add_column("contact", sa.Column("erased_by", sa.String(255), server_default="", nullable=False))
    op.add_column("excluded_contact", sa.Column("is_erased", sa.Boolean(), server_default=sa.false(), nullable=False))
    _take_out_names()


def _take_out_names() -> None:
    log = sa.table("security_event", sa.column("kind", sa.String()), sa.column("subject", sa.String()))
    named = (log.c.kind == "exported", log.c.subject.like("History of %"), log.c.subject != EVERYONE)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TRIGGER security_event_no_update")
    else:
        op.execute(f"ALTER TABLE security_event DISABLE TRIGGER {POSTGRESQL_TRIGGER}")
    op.execute(sa.update(log).where(*named).values(subject=NAMELESS))
    if is_sqlite:
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(f"ALTER TABLE security_event ENABLE TRIGGER {POSTGRESQL_TRIGGER}")
