"""Index contacts by when they were added, for lists that show the newest first."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the index."""
    columns = ["business_id", "created_at", "id", "is_customer", "is_supplier", "archived_at"]
    op.create_index("ix_contact_newest", "contact", columns)
