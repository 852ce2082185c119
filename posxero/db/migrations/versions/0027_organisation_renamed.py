"""List renamed organisations in Sync activity; remember whom an import made a customer or a supplier.

Stored reasons get words that fit suppliers, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

IS_DONE = sa.text(
    "(kind IN ('sent', 'verified', 'sale_sent', 'connected', 'disconnected', 'connection_lost', 'organisation_renamed')"
    " OR kind = 'tried_again' AND contact_id IS NULL)"
)
INDEXES = {
    "ix_activity_done": ["business_id", "at", "id"],
    "ix_activity_done_by": ["business_id", "on_behalf_of", "at", "id"],
}

WORDS_OF_ALL = """
    UPDATE link
    SET reason = replace(reason, 'has this customer''s contact number.', 'has this contact number already.')
    WHERE reason LIKE 'Another contact in Xero has this customer''s contact number.%'
"""


def upgrade() -> None:
    """Add the column, draw the indexes of what was done again, and put stored reasons into the new words."""
    op.add_column("import_row", sa.Column("switched_on", sa.String(20), server_default="", nullable=False))
    for name, columns in INDEXES.items():
        op.drop_index(name, "activity")
        op.create_index(name, "activity", columns, sqlite_where=IS_DONE, postgresql_where=IS_DONE)
    op.execute(WORDS_OF_ALL)
