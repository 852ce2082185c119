"""Find who has a phone or a mobile already, while it is typed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

FOLDED_BY_NONE = "--"  # a country that no business has: upkeep folds every contact of the business again


def upgrade() -> None:
    """Add the two keys, empty; upkeep fills them within minutes, in batches of its own."""
    for key in ("phone_key", "mobile_key"):
        op.add_column("contact", sa.Column(key, sa.String(32), server_default="", nullable=False))
        op.add_column("import_row", sa.Column(key, sa.Text(), server_default="", nullable=False))
        filled = sa.text(f"{key} > ''")
        op.create_index(
            f"ix_contact_{key}", "contact", ["business_id", key], sqlite_where=filled, postgresql_where=filled
        )
    op.execute(sa.text("UPDATE business SET folded_country = :nobodys").bindparams(nobodys=FOLDED_BY_NONE))
