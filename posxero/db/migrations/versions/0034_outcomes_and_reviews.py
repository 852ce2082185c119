"""Name columns by what they hold: requests whose outcome is unknown, and rows of an import that need review."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

PUSHED = ("link", "history_note", "sale")
KEY = ("business_id", "import_id", "xero_id")


def upgrade() -> None:
    """Rename in place, which copies no table; a merge keeps columns of links by name, by which it is undone."""
    for table in PUSHED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN doubted TO unconfirmed")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    text, back = ("changed::text", "::jsonb") if is_postgresql else ("changed", "")
    op.execute(f"""UPDATE contact_merge SET changed = REPLACE({text}, '"doubted":', '"unconfirmed":'){back}""")  # noqa: S608  # constants

    op.drop_index("ix_import_row_doubtful", "import_row")
    op.execute("ALTER TABLE import_row RENAME COLUMN doubtful TO needs_review")
    condition = sa.text("needs_review")
    op.create_index(
        "ix_import_row_needs_review", "import_row", [*KEY], sqlite_where=condition, postgresql_where=condition
    )
