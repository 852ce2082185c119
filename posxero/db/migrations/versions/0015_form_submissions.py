"""Keep one table of forms that count once: saved contact forms and started imports move into it.

Of several imports that were started by the same form, one after the other, the newest is kept.
"""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0015"
down_revision = "0014"

MOVE_CONTACTS = """
    INSERT INTO form_submission (business_id, idempotency_key, purpose, result_id, created_at)
    SELECT business_id, token, 'contact', contact_id, created_at FROM saved_form WHERE contact_id IS NOT NULL
"""
MOVE_IMPORTS = """
    INSERT INTO form_submission (business_id, idempotency_key, purpose, result_id, created_at)
    SELECT business_id, token, 'import', id, started_at
    FROM (
        SELECT run.*, row_number() OVER (PARTITION BY business_id, token ORDER BY started_at DESC, id DESC) AS place
        FROM import AS run
        WHERE token <> ''
    ) AS started
    WHERE place = 1 AND NOT EXISTS (
        SELECT 1 FROM form_submission AS moved
        WHERE moved.business_id = started.business_id AND moved.idempotency_key = started.token
    )
"""


def upgrade() -> None:
    """Create the table, move the rows of both into it, and drop the old table and column."""
    op.create_table(
        "form_submission",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_form_submission_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "idempotency_key", name=op.f("pk_form_submission")),
    )
    op.create_index("ix_form_submission_created_at", "form_submission", ["created_at"])
    op.execute(MOVE_CONTACTS)
    op.execute(MOVE_IMPORTS)
    op.drop_table("saved_form")
    with op.batch_alter_table("import") as batch:
        batch.drop_column("token")
    with op.batch_alter_table("draft") as batch:
        batch.alter_column("token", new_column_name="idempotency_key", existing_type=sa.String(length=64))
