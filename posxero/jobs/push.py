"""Send what a business owes to Xero, whatever it is."""

from uuid import UUID

from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.push import engine


def push(business_id: str) -> None:
    """Push until nothing of the business is owed or its slice is over."""
    business, ports = UUID(business_id), current_ports()
    ports.jobs.push_began(business)
    engine.push(db.session, business, ports)
