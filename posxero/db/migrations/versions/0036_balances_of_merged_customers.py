"""Count again what merged customers owe, and when they were last sold to: a merge moved their sales only."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

COUNT_AGAIN = sa.text("""
    UPDATE contact SET
        owes = coalesce((
            SELECT sum(sale.amount_due) FROM sale
            WHERE sale.business_id = contact.business_id AND sale.contact_id = contact.id AND sale.amount_due > 0
        ), 0),
        last_sold_on = (
            SELECT max(sale.sold_on) FROM sale
            WHERE sale.business_id = contact.business_id AND sale.contact_id = contact.id AND sale.status = 'open'
        )
    WHERE EXISTS (
        SELECT 1 FROM contact_merge AS merge
        WHERE merge.business_id = contact.business_id AND contact.id IN (merge.survivor_id, merge.loser_id)
    )
""")


def upgrade() -> None:
    """Count what is owed by those who were merged, and by those into whom they were, also where that was undone."""
    op.execute(COUNT_AGAIN)
