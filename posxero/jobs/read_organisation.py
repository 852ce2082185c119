"""Read what an organisation of Xero allows in an invoice."""

from uuid import UUID

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.sales import organisation


def read_organisation(business_id: str) -> None:
    """Read accounts, tax rates and lock dates of a business's organisation."""
    ports = current_ports()
    ports.jobs.read_organisation_began(UUID(business_id))
    organisation.read(db.session, UUID(business_id), ports, now=database_time(db.session))
