"""Count how often an import read the whole list anew."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the count; imports of before never did."""
    op.add_column("import", sa.Column("restarts", sa.Integer(), server_default="0", nullable=False))
