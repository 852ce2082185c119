"""Carry an import forward for one turn of a worker."""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.domain.enums import Phase
from posxero.queue import JobQueue
from posxero.services.imports.adding import add_all
from posxero.services.imports.due import AT_WORK
from posxero.services.imports.errors import Cancelled, ImportFailed, LeaseLost, Unsettled
from posxero.services.imports.lease import Clock, ImportLease
from posxero.services.imports.matching import match_all
from posxero.services.imports.pausing import after_defect, pause, restart, wait_for_connection
from posxero.services.imports.reading import read
from posxero.services.imports.source import XeroSource
from posxero.services.xero_connection import connections
from posxero.xero.errors import XeroError
from posxero.xero.ports import XeroPorts

OTHER: Final = (
    "Xero is now connected to another organisation, {now}. This import was of {then}. "
    "Start a new import, or connect to {then} again."
)

log = structlog.get_logger(__name__)


def carry_out(
    session: Session,
    business_id: UUID,
    import_id: UUID,
    *,
    ports: XeroPorts,
    jobs: JobQueue,
    clock: Clock,
) -> None:
    """Carry an import forward until its turn is over; then hint that it has more to do.

    Returns at once when there is nothing to do, or another worker has it.
    """
    lease = ImportLease.claim(session, business_id, import_id, ports.settings.timings, clock)
    if lease is None:
        return
    try:
        _end_well(lease, ports)
    except LeaseLost:
        session.rollback()
        log.warning("import.lease_lost", business=str(business_id), import_=str(import_id))
        return
    except Exception:
        _note_defect(lease)
        raise
    if lease.run.phase in AT_WORK and lease.run.paused_until is None:
        jobs.run_import(business_id, import_id)


def _end_well(lease: ImportLease, ports: XeroPorts) -> None:
    """Advance, and write every expected end of that on the import's row."""
    try:
        _advance(lease, ports)
    except Cancelled:
        _close(lease, Phase.CANCELLED)
    except XeroError as error:
        _give_back(lease, partial(pause, lease, error))
    except Unsettled:
        _give_back(lease, partial(restart, lease))
    except ImportFailed as hopeless:
        _close(lease, Phase.FAILED, hopeless.reason)


def _give_back(lease: ImportLease, wait: Callable[[], None]) -> None:
    """Let the import wait, or end it where no wait will help."""
    lease.session.rollback()
    try:
        wait()
    except ImportFailed as hopeless:
        _close(lease, Phase.FAILED, hopeless.reason)


def _advance(lease: ImportLease, ports: XeroPorts) -> None:
    if lease.run.cancel_asked_at is not None:
        raise Cancelled
    while lease.run.phase in AT_WORK and not lease.over:
        if lease.run.phase is Phase.READING:
            connection = _connection(lease)
            if connection is None:
                wait_for_connection(lease)
                return
            read(lease, XeroSource(lease, connection, ports))
        elif lease.run.phase is Phase.MATCHING:
            match_all(lease)
        else:
            add_all(lease)
    if lease.run.finished_at is None:
        lease.write()
        lease.let_go()


def _connection(lease: ImportLease) -> Connection | None:
    """Find the connection of the business, if there is one.

    Raises:
        Hopeless: It is to another organisation than the import's.
    """
    found = connections.current(lease.session, lease.run.business_id)
    lease.session.commit()
    if found is not None and found.tenant_id != lease.run.tenant_id:
        raise ImportFailed(OTHER.format(now=found.name, then=lease.run.organisation))
    return found


def _close(lease: ImportLease, phase: Phase, error: str = "") -> None:
    lease.session.rollback()
    lease.write()
    lease.close(phase, error=error)


def _note_defect(lease: ImportLease) -> None:
    """Write an error of our own on the import's row; the door raises it."""
    reference = uuid4().hex[:8]
    log.error("import.defect", import_=str(lease.run.id), reference=reference)
    _give_back(lease, partial(after_defect, lease, reference))
