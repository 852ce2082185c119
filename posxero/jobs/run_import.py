"""The worker's door to an import."""

from uuid import UUID

from posxero import ports
from posxero.db.base import database_time
from posxero.db.session import db
from posxero.services.imports.run import carry_out


def run_import(business_id: str, import_id: str) -> None:
    """Carry an import forward for one turn."""
    found = ports.current()
    carry_out(
        db.session,
        UUID(business_id),
        UUID(import_id),
        ports=found,
        hints=found.queue,
        clock=lambda: database_time(db.session),
    )
