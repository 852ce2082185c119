"""The worker's door to an import."""

from uuid import UUID

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.imports.run import carry_out


def run_import(business_id: str, import_id: str) -> None:
    """Carry an import forward for one turn."""
    ports = current_ports()
    carry_out(
        db.session,
        UUID(business_id),
        UUID(import_id),
        ports=ports,
        jobs=ports.jobs,
        clock=lambda: database_time(db.session),
    )
