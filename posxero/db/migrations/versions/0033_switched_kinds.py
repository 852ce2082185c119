"""Count the contacts that an import made a customer or a supplier, too, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0030"

COUNT = """
    UPDATE import SET switched = (
        SELECT count(*) FROM import_row
        WHERE import_row.business_id = import.business_id AND import_row.import_id = import.id
        AND import_row.switched_on <> '' AND import_row.outcome = 'already_linked'
    )
    WHERE finished_at IS NOT NULL AND has_rows AND already_linked > 0
"""


def upgrade() -> None:
    """Add the column, and count those of imports whose rows are kept."""
    op.add_column("import", sa.Column("switched", sa.Integer(), nullable=False, server_default="0"))
    op.execute(COUNT)
