"""Keep the balance that a page of Xero's contacts shows with the rows of an import."""

import sqlalchemy as sa
from alembic import op

from posxero.db.money import ExactDecimal

revision = "0030"
down_revision = "0029"

MONEY = ExactDecimal(2)


def upgrade() -> None:
    """Add the columns; contacts that were staged before have no balance until it is read."""
    op.add_column("import_row", sa.Column("outstanding", MONEY, nullable=True))
    op.add_column("import_row", sa.Column("overdue", MONEY, nullable=True))
