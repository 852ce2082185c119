"""Read in Xero what its webhooks named."""

import time
from uuid import UUID

from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.drift import changes


def read_changes(business_id: str) -> None:
    """Collect ids for some seconds, then read them. What comes meanwhile is read with them."""
    business, ports = UUID(business_id), current_ports()
    time.sleep(changes.time_to_collect(db.session, business, ports.settings.timings).total_seconds())
    ports.jobs.read_changes_began(business)
    if changes.read_changes(db.session, business, ports):
        ports.jobs.read_changes(business)
