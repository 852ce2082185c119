"""Import customers from CSV files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from posxero.db.base import UtcDateTime

revision = "0024"
down_revision = "0023"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the files and their pieces, and what an import of one says and counts."""
    op.create_table(
        "import_file",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(20), nullable=False),
        sa.Column("delimiter", sa.String(1), nullable=False),
        sa.Column("headings", JSON, nullable=False),
        sa.Column("samples", JSON, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(255), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name="pk_import_file"),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name="fk_import_file_business_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_import_file_uploaded_at", "import_file", ["uploaded_at"])
    op.create_table(
        "import_file_piece",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "file_id", "number", name="pk_import_file_piece"),
        sa.ForeignKeyConstraint(
            ["business_id", "file_id"],
            ["import_file.business_id", "import_file.id"],
            name="fk_import_file_piece_business_id_file_id",
            ondelete="CASCADE",
        ),
    )
    op.add_column("import", sa.Column("file_id", sa.Uuid(), nullable=True))
    op.add_column("import", sa.Column("file_columns", JSON, nullable=False, server_default="[]"))
    op.add_column("import", sa.Column("on_match", sa.String(20), nullable=False, server_default="keep"))
    for name in ("to_update", "updated", "unchanged"):
        op.add_column("import", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
