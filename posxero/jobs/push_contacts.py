"""Send what a business owes to Xero."""

from uuid import UUID

from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services import push


def push_contacts(business_id: str) -> None:
    """Push until nothing of the business is owed or its turn is over."""
    business = UUID(business_id)
    ports = current_ports()
    ports.jobs.push_began(business)
    push.work_off(db.session, business, ports)
