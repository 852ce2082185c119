"""Keep the values of the history, and what Xero was sent and answered, in a table of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JSON_OR_NULL = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
HAS_EXCHANGE = sa.text("answer <> '' OR sent IS NOT NULL")
MOVE = """
    INSERT INTO activity_payload (business_id, id, changes, answer)
    SELECT business_id, id, changes, raw FROM activity WHERE raw <> '' OR {length}(changes) > 0
"""
NAME_FIELDS = {
    "sqlite": """
        UPDATE activity
        SET field_keys = (SELECT ' ' || group_concat(json_extract(value, '$[0]'), ' ') || ' ' FROM json_each(changes))
        WHERE json_array_length(changes) > 0
    """,
    "postgresql": """
        UPDATE activity
        SET field_keys = (
            SELECT ' ' || string_agg(change->>0, ' ' ORDER BY place) || ' '
            FROM jsonb_array_elements(changes) WITH ORDINALITY AS one (change, place)
        )
        WHERE jsonb_array_length(changes) > 0
    """,
}


def upgrade() -> None:
    """Create the table, move the values into it, and name the changed fields in the entry itself."""
    dialect = op.get_bind().dialect.name
    op.create_table(
        "activity_payload",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("sent", JSON_OR_NULL, nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("is_emptied", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "id"],
            ["activity.business_id", "activity.id"],
            name=op.f("fk_activity_payload_business_id_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_activity_payload")),
    )
    op.execute(MOVE.format(length="json_array_length" if dialect == "sqlite" else "jsonb_array_length"))
    op.create_index(
        "ix_activity_payload_exchange",
        "activity_payload",
        ["id"],
        sqlite_where=HAS_EXCHANGE,
        postgresql_where=HAS_EXCHANGE,
    )
    op.add_column("activity", sa.Column("field_keys", sa.Text(), server_default="", nullable=False))
    op.execute(NAME_FIELDS[dialect])
    with op.batch_alter_table("activity") as batch:
        batch.drop_column("changes")
        batch.drop_column("raw")
