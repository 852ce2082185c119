"""List renamed organisations in Sync activity."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0022"

IS_DONE = sa.text(
    "(kind IN ('sent', 'verified', 'sale_sent', 'connected', 'disconnected', 'connection_lost', 'organisation_renamed')"
    " OR kind = 'tried_again' AND contact_id IS NULL)"
)
INDEXES = {
    "ix_activity_done": ["business_id", "at", "id"],
    "ix_activity_done_by": ["business_id", "on_behalf_of", "at", "id"],
}


def upgrade() -> None:
    """Draw the indexes of what was done again, with the new kind."""
    for name, columns in INDEXES.items():
        op.drop_index(name, "activity")
        op.create_index(name, "activity", columns, sqlite_where=IS_DONE, postgresql_where=IS_DONE)
