"""Say whose change Xero is owed and got, and index what Sync activity lists.

What is owed or stuck gets the name of the person who last did something with that contact.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

PUSHED = ("link", "history_note", "sale")
IS_DONE = sa.text(
    "(kind IN ('sent', 'verified', 'sale_sent', 'connected', 'disconnected', 'connection_lost')"
    " OR kind = 'tried_again' AND contact_id IS NULL)"
)
STUCK = sa.text("state <> 'active'")
STUCK_OR_DIFFERS = sa.text("(state <> 'active' OR differs)")
SENT = sa.text("sent_at IS NOT NULL")
NAME_WHOSE_CHANGE = sa.text("""
    UPDATE link SET owed_by = coalesce((
        SELECT actor FROM activity
        WHERE activity.business_id = link.business_id AND activity.contact_id = link.contact_id AND actor <> ''
        ORDER BY activity.id DESC LIMIT 1
    ), '')
    WHERE sent_revision < owed_revision OR verify_due OR state <> 'active'
""")


def upgrade() -> None:
    """Add the columns and the indexes."""
    for table in PUSHED:
        op.add_column(table, sa.Column("owed_by", sa.String(255), server_default="", nullable=False))
    op.add_column("activity", sa.Column("on_behalf_of", sa.String(255), server_default="", nullable=False))
    op.execute(NAME_WHOSE_CHANGE)
    _create_index("ix_activity_done", "activity", ["business_id", "at", "id"], IS_DONE)
    _create_index("ix_activity_done_by", "activity", ["business_id", "on_behalf_of", "at", "id"], IS_DONE)
    _create_index("ix_link_attention", "link", ["business_id", "tenant_id"], STUCK_OR_DIFFERS)
    _create_index("ix_history_note_stuck", "history_note", ["business_id", "tenant_id"], STUCK)
    _create_index("ix_sale_stuck", "sale", ["business_id", "tenant_id"], STUCK)
    _create_index("ix_history_note_sent", "history_note", ["business_id", "sent_at", "id"], SENT)


def _create_index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
