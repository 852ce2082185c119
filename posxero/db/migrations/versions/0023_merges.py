"""Merge contacts, find those that look alike, and remember which are not the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from posxero.db.base import UtcDateTime

revision = "0023"
down_revision = "0022"

FOLDED_BY_NONE = "--"  # a country that no business has: upkeep folds every contact of the business again
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JSON_OR_NULL = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
HAS_NEAR_KEY = sa.text("near_key > ''")
IS_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """Add the columns and the tables; upkeep fills the keys of names within minutes."""
    op.add_column("contact", sa.Column("near_key", sa.String(255), server_default="", nullable=False))
    op.add_column("contact", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("contact", sa.Column("merged_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_row", sa.Column("near_key", sa.Text(), server_default="", nullable=False))
    for column, where in (("near_key", HAS_NEAR_KEY), ("merged_into", IS_MERGED)):
        op.create_index(
            f"ix_contact_{column}", "contact", ["business_id", column], sqlite_where=where, postgresql_where=where
        )
    op.execute(sa.text("UPDATE business SET folded_country = :nobodys").bindparams(nobodys=FOLDED_BY_NONE))
    op.create_table(
        "contact_merge",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        sa.Column("changed", JSON, nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("merged_by", sa.String(255), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(255), server_default="", nullable=False),
        _of_contact("contact_merge", "survivor_id"),
        _of_contact("contact_merge", "loser_id"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_contact_merge")),
    )
    op.create_index("ix_contact_merge_survivor", "contact_merge", ["business_id", "survivor_id"])
    op.create_index("ix_contact_merge_loser", "contact_merge", ["business_id", "loser_id"])
    op.create_table(
        "merged_row",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("moved_table", sa.String(40), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("replaced", JSON_OR_NULL, nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "merge_id"],
            ["contact_merge.business_id", "contact_merge.id"],
            name=op.f("fk_merged_row_business_id_merge_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "merge_id", "moved_table", "row_id", name=op.f("pk_merged_row")),
    )
    op.create_table(
        "distinct_pair",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("marked_by", sa.String(255), nullable=False),
        _of_contact("distinct_pair", "first_id"),
        _of_contact("distinct_pair", "second_id"),
        sa.PrimaryKeyConstraint("business_id", "first_id", "second_id", name=op.f("pk_distinct_pair")),
    )
    op.create_index("ix_distinct_pair_second", "distinct_pair", ["business_id", "second_id"])


def _of_contact(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        ["contact.business_id", "contact.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete="CASCADE",
    )
