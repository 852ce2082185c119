"""Keep drafts of contact forms; forms that arrived after the sign-in ended become drafts.

Of several kept forms of one person for one contact the newest becomes the draft: there is one for each.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0010"
down_revision = "0009"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
IS_NEW = sa.text("contact_id IS NULL")
MOVE = """
    INSERT INTO draft (business_id, id, user_id, kind, contact_id, fields, version, token, started_at, saved_at)
    SELECT business_id, id, user_id, kind, contact_id, fields, version, token, kept_at, kept_at
    FROM (
        SELECT kept_form.*, row_number() OVER (
            PARTITION BY business_id, user_id, contact_id, CASE WHEN contact_id IS NULL THEN kind END
            ORDER BY kept_at DESC, id DESC
        ) AS place
        FROM kept_form
    ) AS kept
    WHERE place = 1
"""


def upgrade() -> None:
    """Create the table, move the kept forms into it, and drop theirs."""
    op.create_table(
        "draft",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "user_id"],
            ["user.business_id", "user.id"],
            name=op.f("fk_draft_business_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_draft_business_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_draft")),
    )
    op.create_index("uq_draft_contact", "draft", ["business_id", "user_id", "contact_id"], unique=True)
    op.create_index(
        "uq_draft_new",
        "draft",
        ["business_id", "user_id", "kind"],
        unique=True,
        sqlite_where=IS_NEW,
        postgresql_where=IS_NEW,
    )
    op.create_index("ix_draft_saved_at", "draft", ["saved_at"])
    op.execute(MOVE)
    op.drop_table("kept_form")
