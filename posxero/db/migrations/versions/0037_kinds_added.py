"""Name what an import made of a contact after what it is: a kind that was added."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Rename both columns; both databases do that without touching a row."""
    op.execute("ALTER TABLE import_row RENAME COLUMN switched_on TO kind_added")
    op.execute('ALTER TABLE "import" RENAME COLUMN switched TO kinds_added')
