"""Carry an import forward."""

from uuid import UUID

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.imports.run import run_slice


def run_import(business_id: str, import_id: str) -> None:
    """Carry an import forward for one slice of time."""
    ports = current_ports()
    ports.jobs.run_import_began(UUID(import_id))
    run_slice(
        db.session,
        UUID(business_id),
        UUID(import_id),
        ports=ports,
        jobs=ports.jobs,
        clock=lambda: database_time(db.session),
    )
