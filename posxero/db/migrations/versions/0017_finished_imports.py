"""Let an import be previewed, undone and repeated in part, and remember what is never imported.

When an import's pause was written is stored apart from its lease, which has a column for that.
"""

import sqlalchemy as sa
from alembic import op

from posxero.db.base import UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the columns; an import that is leased now has the lease's time in `leased_at`."""
    op.alter_column("import", "heartbeat_at", new_column_name="paused_at")
    op.execute('UPDATE "import" SET leased_at = paused_at WHERE lease_until IS NOT NULL')
    op.execute('UPDATE "import" SET paused_at = NULL WHERE paused_until IS NULL')
    op.add_column("import", sa.Column("ended_at", UtcDateTime(), nullable=True))
    op.execute('UPDATE "import" SET ended_at = finished_at')
    op.add_column("import", sa.Column("undone", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import", sa.Column("undone_by", sa.String(length=255), server_default="", nullable=False))
    op.add_column("import", sa.Column("rows_deleted_at", UtcDateTime(), nullable=True))
    op.add_column("import", sa.Column("has_rows", sa.Boolean(), server_default=sa.true(), nullable=False))
    has_rows = sa.text("has_rows")
    op.create_index("ix_import_has_rows", "import", ["finished_at"], sqlite_where=has_rows, postgresql_where=has_rows)
    op.add_column("import", sa.Column("reviewed_by", sa.String(length=255), server_default="", nullable=False))
    op.add_column("import", sa.Column("is_preview", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("to_link", "to_check"):
        op.add_column("import", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("import", sa.Column("retry_of", sa.Uuid(), nullable=True))
    op.add_column("import", sa.Column("retry_outcome", sa.String(length=20), nullable=True))
    op.create_table(
        "excluded_contact",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("xero_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("excluded_by", sa.String(length=255), nullable=False),
        sa.Column("excluded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_excluded_contact_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_excluded_contact")),
    )
    columns = ["business_id", "tenant_id", "xero_id"]
    op.create_index("uq_excluded_contact_xero_contact", "excluded_contact", columns, unique=True)
