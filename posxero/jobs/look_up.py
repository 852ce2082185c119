"""Look up in Xero what pages wait for: searches, and the contacts that others were merged into."""

from uuid import UUID

from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.push.links import lookups


def look_up(business_id: str) -> None:
    """Look up what pages of the business wait for."""
    business, ports = UUID(business_id), current_ports()
    ports.jobs.look_up_began(business)
    lookups.look_up(db.session, business, ports)
