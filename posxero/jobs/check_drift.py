"""Check what changed in Xero: by a poll, or by a walk over every contact and invoice."""

from uuid import UUID

from posxero.db.session import db
from posxero.domain.drift_kinds import DriftKind
from posxero.ports import current_ports
from posxero.services.drift import passes


def check_drift(business_id: str, kind: str) -> None:
    """Carry a pass forward for one slice."""
    business, ports = UUID(business_id), current_ports()
    if passes.run(db.session, business, DriftKind(kind), ports):
        ports.jobs.check_drift(business, kind)
