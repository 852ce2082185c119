"""Add due dates to the indexes of unpaid sales: what is overdue is read off them."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

UNPAID = sa.text("amount_due > 0")
INDEXES = {
    "ix_sale_unpaid": ["business_id", "contact_id", "amount_due", "xero_due_on", "due_on"],
    "ix_sale_list_unpaid": ["business_id", "id", "xero_due_on", "due_on", "total", "amount_due"],
}


def upgrade() -> None:
    """Replace both indexes."""
    for name, columns in INDEXES.items():
        op.drop_index(name, "sale")
        op.create_index(name, "sale", columns, sqlite_where=UNPAID, postgresql_where=UNPAID)
