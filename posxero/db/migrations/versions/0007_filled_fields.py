"""Keep which fields of a contact were filled from Xero when it was linked, so that the link can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column; links of before cannot be undone."""
    op.add_column("link", sa.Column("filled", JSON, nullable=True))
