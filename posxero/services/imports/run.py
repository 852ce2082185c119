"""Carry an import forward for one slice of a worker's time.

The walk: claim the lease (`lease`), read Xero's pages (`reading`, `staging`), match what was read
(`matching`), wait for a person where a match is ambiguous (`review`), add and link (`adding`), and
account for every contact (`report`). Each step stores its rows and its checkpoint in one commit, so
that any worker continues where another stopped.
"""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.domain.enums import Phase
from posxero.queue import JobQueue
from posxero.services.imports import waiting
from posxero.services.imports.adding import add_all
from posxero.services.imports.errors import Cancelled, ContactsChanged, Disconnected, ImportFailed, LeaseLost
from posxero.services.imports.files import phases as files
from posxero.services.imports.lease import WORKER_PHASES, Clock, ImportLease
from posxero.services.imports.matching import match_all
from posxero.services.imports.reading import XeroSource, read
from posxero.services.imports.rereading import read_again
from posxero.services.imports.undo import undo_all
from posxero.services.xero_connection import connections
from posxero.xero.errors import XeroError
from posxero.xero.ports import XeroPorts

OTHER_ORGANISATION: Final = (
    "Xero is now connected to another organisation, {now}. This import was of {then}. "
    "Start a new import, or connect to {then} again."
)

log = structlog.get_logger(__name__)


def run_slice(
    session: Session,
    business_id: UUID,
    import_id: UUID,
    *,
    ports: XeroPorts,
    jobs: JobQueue,
    clock: Clock,
) -> None:
    """Carry an import forward until its slice is over; then enqueue the next slice where there is more to do.

    Returns at once when there is nothing to do, or another worker has it.
    """
    lease = ImportLease.claim(session, business_id, import_id, ports.settings.timings, clock)
    if lease is None:
        return
    try:
        _advance_and_record(lease, ports)
    except LeaseLost:
        log.warning("import.lease_lost", business=str(business_id), import_=str(import_id))
    except Exception:
        _record_defect(lease)
        raise
    else:
        if lease.run.phase in WORKER_PHASES and lease.run.paused_until is None:
            jobs.run_import(business_id, import_id)


def _advance_and_record(lease: ImportLease, ports: XeroPorts) -> None:
    """Advance, and record every expected end of that on the import's row."""
    try:
        _advance(lease, ports)
    except Cancelled:
        lease.finish(Phase.CANCELLED)
    except Disconnected:
        waiting.wait_for_connection(lease)
    except XeroError as error:
        _wait_or_fail(lease, partial(waiting.wait_for_xero, lease, error))
    except ContactsChanged:
        _wait_or_fail(lease, partial(waiting.restart_walk, lease))
    except ImportFailed as failure:
        lease.finish(Phase.FAILED, error=failure.reason)


def _advance(lease: ImportLease, ports: XeroPorts) -> None:
    """Work on one phase after the other until the slice is over, or a person is waited for."""
    if lease.run.cancel_asked_at is not None:
        raise Cancelled
    while lease.run.phase in WORKER_PHASES and not lease.is_slice_over:
        if lease.run.file_id and lease.run.phase is not Phase.UNDOING:
            files.advance(lease)
        elif lease.run.phase is Phase.READING:
            source = XeroSource(lease, _connection(lease), ports)
            read(lease, source) if lease.run.retry_of is None else read_again(lease, source)
        elif lease.run.phase is Phase.MATCHING:
            match_all(lease)
        elif lease.run.phase is Phase.ADDING:
            add_all(lease)
        else:
            undo_all(lease)
    if lease.run.finished_at is None:
        lease.release()


def _connection(lease: ImportLease) -> Connection:
    """Load the connection to the import's organisation.

    Raises:
        Disconnected: The business has none at the moment.
        ImportFailed: It is to another organisation.
    """
    found = connections.current(lease.session, lease.run.business_id)
    lease.session.commit()
    if found is None:
        raise Disconnected
    if found.tenant_id != lease.run.tenant_id:
        raise ImportFailed(OTHER_ORGANISATION.format(now=found.name, then=lease.run.organisation))
    return found


def _wait_or_fail(lease: ImportLease, wait: Callable[[], None]) -> None:
    """Let the import wait, or end it where no wait will help."""
    try:
        wait()
    except ImportFailed as failure:
        lease.finish(Phase.FAILED, error=failure.reason)


def _record_defect(lease: ImportLease) -> None:
    """Record an error of our own on the import's row; the job raises it."""
    lease.session.rollback()
    reference = uuid4().hex[:8]
    log.error("import.defect", import_=str(lease.run.id), reference=reference)
    _wait_or_fail(lease, partial(waiting.wait_after_defect, lease, reference))
