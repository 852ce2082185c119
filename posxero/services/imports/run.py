"""Carry an import forward for one turn of a worker."""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.domain.enums import Phase
from posxero.queue import Hints
from posxero.services.imports.adding import add_all
from posxero.services.imports.due import AT_WORK
from posxero.services.imports.errors import Cancelled, Hopeless, LeaseLost, Unsettled
from posxero.services.imports.lease import Clock, Slice
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
    hints: Hints,
    clock: Clock,
) -> None:
    """Carry an import forward until its turn is over; then hint that it has more to do.

    Returns at once when there is nothing to do, or another worker has it.
    """
    turn = Slice.claim(session, business_id, import_id, ports.settings.timings, clock)
    if turn is None:
        return
    try:
        _end_well(turn, ports)
    except LeaseLost:
        session.rollback()
        log.warning("import.lease_lost", business=str(business_id), import_=str(import_id))
        return
    except Exception:
        _note_defect(turn)
        raise
    if turn.run.phase in AT_WORK and turn.run.paused_until is None:
        hints.run_import(business_id, import_id)


def _end_well(turn: Slice, ports: XeroPorts) -> None:
    """Advance, and write every expected end of that on the import's row."""
    try:
        _advance(turn, ports)
    except Cancelled:
        _close(turn, Phase.CANCELLED)
    except XeroError as error:
        _give_back(turn, partial(pause, turn, error))
    except Unsettled:
        _give_back(turn, partial(restart, turn))
    except Hopeless as hopeless:
        _close(turn, Phase.FAILED, hopeless.reason)


def _give_back(turn: Slice, wait: Callable[[], None]) -> None:
    """Let the import wait, or end it where no wait will help."""
    turn.session.rollback()
    try:
        wait()
    except Hopeless as hopeless:
        _close(turn, Phase.FAILED, hopeless.reason)


def _advance(turn: Slice, ports: XeroPorts) -> None:
    if turn.run.cancel_asked_at is not None:
        raise Cancelled
    while turn.run.phase in AT_WORK and not turn.over:
        if turn.run.phase is Phase.READING:
            connection = _connection(turn)
            if connection is None:
                wait_for_connection(turn)
                return
            read(turn, XeroSource(turn, connection, ports))
        elif turn.run.phase is Phase.MATCHING:
            match_all(turn)
        else:
            add_all(turn)
    if turn.run.finished_at is None:
        turn.write()
        turn.let_go()


def _connection(turn: Slice) -> Connection | None:
    """Find the connection of the business, if there is one.

    Raises:
        Hopeless: It is to another organisation than the import's.
    """
    found = connections.current(turn.session, turn.run.business_id)
    turn.session.commit()
    if found is not None and found.tenant_id != turn.run.tenant_id:
        raise Hopeless(OTHER.format(now=found.name, then=turn.run.organisation))
    return found


def _close(turn: Slice, phase: Phase, error: str = "") -> None:
    turn.session.rollback()
    turn.write()
    turn.close(phase, error=error)


def _note_defect(turn: Slice) -> None:
    """Write an error of our own on the import's row; the door raises it."""
    reference = uuid4().hex[:8]
    log.error("import.defect", import_=str(turn.run.id), reference=reference)
    _give_back(turn, partial(after_defect, turn, reference))
