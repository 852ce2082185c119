"""Send to Xero what a business owes.

The debt is state, not a message (`services.owed`). A push claims debts under a lease
(`claims`, `due`), reads Xero first where an earlier outcome is not known (`verify`), sends
(`update`, `create`) without a transaction open, and writes down what came of it by
compare-and-set on the lease (`settlements`, `settle`). What concerns the whole
organisation, a limit or an outage, is written on the connection (`outage`). Nobody waits
in here.
"""

import time
from collections.abc import Collection
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.services.push.claims import Claim, claim
from posxero.services.push.context import PushContext, PushPorts
from posxero.services.push.create import create
from posxero.services.push.due import BATCH_SIZE, Priority, is_anything_due
from posxero.services.push.outage import clear_outage, record_exception, snooze
from posxero.services.push.settle import release
from posxero.services.push.update import update
from posxero.services.push.verify import verify
from posxero.xero.errors import ConsentLost, OutcomeUnknown, RetryLater

__all__ = ["PushPorts", "deliver", "take", "work_off"]

TURN = 2.0  # seconds; then what people saved in other businesses is due

log = structlog.get_logger(__name__)


def work_off(session: Session, business_id: UUID, ports: PushPorts) -> None:
    """Push until nothing of the business is due, Xero must be left alone, or its turn is over.

    What people save meanwhile goes before the rest of a backlog. When only the turn is
    over, another hint is sent, behind those of other businesses.
    """
    end = time.monotonic() + TURN
    priorities: Collection[Priority] = tuple(Priority)
    while time.monotonic() < end:
        claimed = take(session, business_id, ports, priorities=priorities)
        if claimed is None or not deliver(session, claimed, ports):
            return
        if claimed.priority is Priority.PERSON and len(claimed.debts) < BATCH_SIZE:
            # What is saved meanwhile sends a hint of its own.
            priorities = (Priority.BACKLOG, Priority.CHECK)
            if not is_anything_due(session, business_id, database_time(session)):
                return
        else:
            priorities = tuple(Priority)
    ports.jobs.push_contacts(business_id)


def take(
    session: Session, business_id: UUID, ports: PushPorts, *, priorities: Collection[Priority] = tuple(Priority)
) -> Claim | None:
    """Claim debts that are due; commits. None when there is nothing to do."""
    began, timings = time.monotonic(), ports.settings.timings
    return claim(session, business_id, timings, priorities=priorities, began=began, now=database_time(session))


def deliver(session: Session, claimed: Claim, ports: PushPorts) -> bool:
    """Send what was claimed, and write down what came of each.

    Returns:
        False when Xero must be left alone for a while.
    """
    context = PushContext(session, claimed, ports)
    try:
        _send(context)
    except (RetryLater, OutcomeUnknown) as error:
        snooze(context, error)
        return False
    except ConsentLost as error:  # the connection says so; every debt waits for a new consent
        log.warning("push.consent_lost", business=str(claimed.business_id), reason=error.reason)
        release(session, claimed)
        return False
    except Exception as error:
        record_exception(context, error)
        raise
    clear_outage(context)
    return True


def _send(context: PushContext) -> None:
    known = [debt for debt in context.claim.debts if debt.xero_id is not None]
    ready = [debt for debt in known if not debt.must_read]
    update(context, ready + verify(context, [debt for debt in known if debt.must_read]))
    for debt in context.claim.debts:
        if debt.xero_id is None:
            create(context, debt)
