"""Send to Xero what a business owes.

The debt is state, not a message (`services.debts`). A push claims up to 50 debts under
a lease (`claim`), looks into Xero first where an earlier outcome is not known (`look`),
sends (`update`, `create`) without a transaction open, and writes down what came of it
by compare-and-set on the lease (`settle`). What concerns the whole organisation, a
limit or an outage, is written on the connection (`pause`). Nobody waits in here.
"""

import time
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.services.push.claims import BATCH, Claim, claim
from posxero.services.push.context import PushContext, PushPorts
from posxero.services.push.create import create
from posxero.services.push.outage import clear_outage, record_exception, snooze
from posxero.services.push.settle import release
from posxero.services.push.update import update
from posxero.services.push.verify import verify
from posxero.xero.errors import ConsentLost, OutcomeUnknown, RetryLater

__all__ = ["PushPorts", "deliver", "take", "work_off"]

TURN = 5.0  # seconds, then other businesses have theirs

log = structlog.get_logger(__name__)


def work_off(session: Session, business_id: UUID, ports: PushPorts) -> None:
    """Push until nothing of the business is due, Xero must be left alone, or its turn is over.

    When only the turn is over, another hint is sent, behind those of other businesses.
    """
    end = time.monotonic() + TURN
    while time.monotonic() < end:
        taken = take(session, business_id, ports)
        if taken is None or not deliver(session, taken, ports) or len(taken.debts) < BATCH:
            return
    ports.queue.push_contacts(business_id)


def take(session: Session, business_id: UUID, ports: PushPorts) -> Claim | None:
    """Claim debts that are due; commits. None when there is nothing to do."""
    began = time.monotonic()
    return claim(session, business_id, ports.settings.timings, began=began, now=database_time(session))


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
    ready = [debt for debt in known if not debt.verify]
    differing = verify(context, [debt for debt in known if debt.verify])
    update(context, ready + differing)
    for debt in context.claim.debts:
        if debt.xero_id is None:
            create(context, debt)
