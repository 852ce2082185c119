"""Send to Xero what a business owes: the one engine of every kind of item.

What is owed is state, not a message (`db.push_state`). A push claims items of one kind under a
lease (`claims`, `due`), reads Xero first where an earlier outcome is unknown
(`delivery.verify`), sends (`delivery.update`, `delivery.create`) without a transaction open,
and writes what came of it by compare-and-set on the lease (`outcomes`, `settle`). What
concerns the whole organisation, a limit or an outage, is written on the connection (`outage`).
Nothing in here waits. What differs between the kinds is in `kinds`.
"""

import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.services.push import claims
from posxero.services.push.claims import Claim
from posxero.services.push.context import PushContext, PushPorts
from posxero.services.push.delivery.create import create
from posxero.services.push.delivery.update import update
from posxero.services.push.delivery.verify import verify
from posxero.services.push.due import AnyKind, Priority, is_anything_due
from posxero.services.push.kinds import KINDS
from posxero.services.push.outage import clear_outage, record_exception, snooze
from posxero.services.push.settle import release
from posxero.xero.errors import ConsentLost, OutcomeUnknown, RetryLater

MAX_SLICE_SECONDS = 2.0  # then what people saved in other businesses is due

log = structlog.get_logger(__name__)


def push(session: Session, business_id: UUID, ports: PushPorts) -> None:
    """Push until nothing of the business is due, Xero must be left alone, or its slice is over.

    What people save meanwhile goes before the rest of a backlog. When only the slice is
    over, another job is enqueued, behind those of other businesses.
    """
    end = time.monotonic() + MAX_SLICE_SECONDS
    awaited_kinds: Sequence[AnyKind] = KINDS
    while time.monotonic() < end:
        claimed = claim_next(session, business_id, ports, awaited_kinds=awaited_kinds)
        if claimed is None or not deliver(session, claimed, ports):
            return
        if claimed.priority is Priority.PERSON and len(claimed.items) < claimed.kind.batch_size:
            # What is saved meanwhile enqueues a job of its own. What waited for these items follows them, and so
            # does an item that got its next number.
            first = KINDS.index(claimed.kind) + (0 if claimed.kind.has_running_numbers else 1)
            awaited_kinds = KINDS[first:]
            if not is_anything_due(session, business_id, database_time(session)):
                return
        else:
            awaited_kinds = KINDS
    ports.jobs.push(business_id)


def claim_next(
    session: Session, business_id: UUID, ports: PushPorts, *, awaited_kinds: Sequence[AnyKind] = KINDS
) -> Claim | None:
    """Claim the next batch that is due; commits. None when there is nothing to do."""
    began = time.monotonic()
    now = database_time(session)
    return claims.claim(session, business_id, ports.settings, awaited_kinds=awaited_kinds, began=began, now=now)


def deliver(session: Session, claimed: Claim, ports: PushPorts) -> bool:
    """Send what was claimed, and settle each item.

    Returns:
        False when Xero must be left alone for a while.
    """
    context = PushContext(session, claimed, ports)
    try:
        _send(context)
    except (RetryLater, OutcomeUnknown) as error:
        snooze(context, error)
        return False
    except ConsentLost as error:  # the connection says so; everything owed waits for a new consent
        log.warning("push.consent_lost", business=str(claimed.business_id), reason=error.reason)
        release(session, claimed)
        return False
    except Exception as error:
        record_exception(context, error)
        raise
    clear_outage(context)
    return True


def _send(context: PushContext) -> None:
    known = [item for item in context.claim.items if item.xero_id is not None]
    ready = [item for item in known if not item.must_read]
    update(context, ready + verify(context, [item for item in known if item.must_read]))
    for item in context.claim.items:
        if item.xero_id is None:
            create(context, item)
