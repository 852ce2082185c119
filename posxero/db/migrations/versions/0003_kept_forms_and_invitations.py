"""Keep only the fields of contact forms; add invitations.

The kept forms of before may hold anything that was sent, also a role. None is older
than an hour and none was saved, so they are dropped with their table.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0003"
down_revision = "0002"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Replace the table of kept forms, and create that of invitations."""
    _replace_kept_forms()
    op.create_table(
        "invitation",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "invited_by_id"],
            ["user.business_id", "user.id"],
            name=op.f("fk_invitation_business_id_invited_by_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )


def _replace_kept_forms() -> None:
    op.drop_table("kept_form")
    op.create_table(
        "kept_form",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "user_id"],
            ["user.business_id", "user.id"],
            name=op.f("fk_kept_form_business_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_kept_form_business_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_kept_form")),
    )
    op.create_index("ix_kept_form_user", "kept_form", ["business_id", "user_id", "kept_at"])
