"""Distinguish links that were never equal from those that were changed in Xero; keep how far an import was shown to be."""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0008"
down_revision = "0007"

# A link that an import added was equal at first and has its contact's id; one that was pushed was equal later.
NEVER_EQUAL = """
UPDATE link SET differs_since_linked = differs
WHERE differs AND sent_at IS NULL AND id <> contact_id AND NOT EXISTS (
    SELECT 1 FROM activity
    WHERE activity.business_id = link.business_id
    AND activity.contact_id = link.contact_id
    AND activity.kind = 'changed_in_xero'
)
"""


def upgrade() -> None:
    """Add columns only, which both databases do in place; a difference that nobody is known to have made counts as old."""
    op.add_column("link", sa.Column("differs_since_linked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(NEVER_EQUAL)
    op.add_column("import", sa.Column("percent_reached", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import", sa.Column("reviewed_at", UtcDateTime(), nullable=True))
