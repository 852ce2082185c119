"""The upkeep of a grant: release what was disconnected, and refresh tokens before Xero forgets them after 60 days."""

from uuid import UUID

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.xero_connection import grant_upkeep


def keep_alive(grant_id: str) -> None:
    """Release the grant's ended connections, and refresh its tokens when they are due."""
    grant_upkeep.keep_alive(db.session, UUID(grant_id), current_ports(), now=database_time(db.session))
