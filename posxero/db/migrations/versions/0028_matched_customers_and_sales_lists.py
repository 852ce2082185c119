"""Match a sale's customer with Xero's contacts before it is added there; index the lists of sales by status."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

LISTED = {
    "ix_sale_list_unpaid": sa.text("amount_due > 0"),
    "ix_sale_list_paid": sa.text("status = 'open' AND amount_due <= 0"),
    "ix_sale_list_voided": sa.text("status = 'voided'"),
    "ix_sale_list_stuck": sa.text("state <> 'active'"),
}


def upgrade() -> None:
    """Add the column; links that were owed before are added as they would have been."""
    op.add_column("link", sa.Column("match_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, condition in LISTED.items():
        op.create_index(name, "sale", ["business_id", "id"], sqlite_where=condition, postgresql_where=condition)
    op.create_index(
        "ix_sale_list_waiting",
        "sale",
        ["business_id", "id"],
        sqlite_where=sa.text("sent_revision < owed_revision OR verify_due = 1"),
        postgresql_where=sa.text("sent_revision < owed_revision OR verify_due"),
    )
    op.drop_index("ix_sale_contact", "sale")
    op.create_index("ix_sale_contact", "sale", ["business_id", "contact_id", "id", "status", "total", "amount_due"])
