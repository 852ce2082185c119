"""What a call that was not answered means for the whole business: when to continue, and why, in words."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import or_
from sqlalchemy import update as sql_update

from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.lease import is_over
from posxero.domain.backoff import retry_delay
from posxero.services import wait_reasons
from posxero.services.push.context import OutOfTime, PushContext
from posxero.services.push.due import Priority
from posxero.services.push.settle import release
from posxero.xero.errors import Limited, OutcomeUnknown, RetryLater, Unavailable, Unreachable

SHORT_WAIT: Final = timedelta(seconds=5)  # a wait that nobody need be told of
MAX_OUTAGE_WAIT: Final = timedelta(seconds=30)  # between two probes while Xero is away
log = structlog.get_logger(__name__)


def snooze(context: PushContext, error: RetryLater | OutcomeUnknown) -> None:
    """Release what was not sent, and record when to continue. No try is used up."""
    now = context.now()
    log.info("push.snoozed", kind=context.kind.name, business=str(context.claim.business_id), why=str(error))
    if isinstance(error, OutOfTime):
        release(context.session, context.claim)
    elif isinstance(error, Unreachable | Unavailable | OutcomeUnknown):
        outages = context.claim.connection.outages + 1
        wait = min(retry_delay(outages, context.jitter()), MAX_OUTAGE_WAIT)
        _pause(context, now, now + wait, wait_reasons.outage_reason(error), outages=outages)
        release(context.session, context.claim)
    elif isinstance(error, Limited) and context.claim.priority is not Priority.PERSON:
        _pause_backlog(context, now, now + error.wait)
        release(context.session, context.claim)
    elif error.wait is None or error.wait <= SHORT_WAIT:
        release(context.session, context.claim, snooze=(now, now + (error.wait or SHORT_WAIT)))
    else:
        words = wait_reasons.limit_reason(error) if isinstance(error, Limited) else wait_reasons.NOT_RESPONDING
        _pause(context, now, now + error.wait, words)
        release(context.session, context.claim)


def clear_outage(context: PushContext) -> None:
    """Note that Xero answers: the next outage begins with a short wait."""
    if context.claim.connection.outages:
        with writing(context.session):
            context.session.execute(_connection(context, outages=0, paused_until=None, paused_reason=""))


def record_exception(context: PushContext, error: Exception) -> None:
    """Record an error of our own on what was being sent: with a reference, and not for ever."""
    reference = uuid4().hex[:8]
    log.error("push.failed", reference=reference, business=str(context.claim.business_id), exc_info=error)
    context.session.rollback()
    context.mark_unknown(context.claim.items, may_be_sent=True)
    reason = f"Something went wrong on our side. If this keeps happening, give support this reference: {reference}."
    context.settle([context.snoozed(item, reason, verify=not item.is_only_read) for item in context.claim.items])


def _pause_backlog(context: PushContext, now: datetime, until: datetime) -> None:
    """Hold back all but what people save: the part of a limit that is not kept for them is used up."""
    with writing(context.session):
        context.session.execute(_connection(context, backlog_paused_at=now, backlog_until=until))


def _pause(context: PushContext, now: datetime, until: datetime, words: str, **also: Any) -> None:
    """Leave the organisation alone for a while; the longer of two waits holds."""
    with writing(context.session):
        context.session.execute(
            _connection(context, paused_at=now, paused_until=until, paused_reason=words, **also).where(
                or_(is_over(Connection.paused_at, Connection.paused_until, now), Connection.paused_until < until)
            )
        )


def _connection(context: PushContext, **columns: Any) -> Any:
    connection = context.claim.connection
    return (
        sql_update(Connection)
        .where(Connection.business_id == connection.business_id, Connection.id == connection.id)
        .values(columns)
        .execution_options(synchronize_session=False)
    )
