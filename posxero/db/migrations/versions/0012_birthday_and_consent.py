"""Keep a contact's birthday, and whether it agreed to marketing, since when and by whose record."""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the columns; nobody has agreed to anything yet."""
    op.add_column("contact", sa.Column("birthday", sa.Date(), nullable=True))
    op.add_column("contact", sa.Column("marketing_consent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contact", sa.Column("marketing_consent_at", UtcDateTime(), nullable=True))
    op.add_column("contact", sa.Column("marketing_consent_source", sa.String(255), nullable=False, server_default=""))
