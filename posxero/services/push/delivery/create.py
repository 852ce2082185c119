"""Create our items in Xero, each once: a lost answer never makes a second one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError

from posxero.db.engine import rows_changed, writing
from posxero.db.lease import lease_is_held
from posxero.domain.enums import LinkState
from posxero.domain.refusals import Refusal, RefusalKind
from posxero.services.push.context import OutOfTime, PushContext
from posxero.services.push.delivery.matching import settle_match
from posxero.services.push.delivery.update import update
from posxero.services.push.delivery.verify import classify
from posxero.services.push.items import NO_CREATION, Creation, PushItem
from posxero.services.push.outcomes import Outcome, absent, parked, refused, renumbered, sent, withdrawn
from posxero.xero.errors import OutcomeUnknown, Refused, Unavailable

# The age of a row from which it is looked up before its first attempt: this database may be a backup's, and Xero
# have the item already.
LOOK_UP_WHEN_OLDER_THAN: Final = timedelta(hours=1)

log = structlog.get_logger(__name__)


def create(context: PushContext, item: PushItem) -> None:
    """Create an item in Xero, unless an earlier attempt did.

    It carries a number of ours, by which an earlier attempt is found. Key and body of an
    attempt are stored before they are sent. While the outcome is unknown the same key goes
    with the same body, as long as Xero knows the key; what was edited meanwhile follows as
    an update. Xero repeats errors under a key, too, so that a refusal ends it.

    Raises:
        RetryLater, ConsentLost: It was not created.
        OutcomeUnknown: Perhaps it was; the next attempt looks first.
    """
    if _may_exist(context, item):
        earlier = _find(context, item)
        if earlier is not None:
            _adopt(context, item, earlier)
            return
        if not item.is_pushed:
            context.settle([absent(item)])
            return
    if context.kind.is_withdrawn(item):
        context.settle([withdrawn(item)])
        return
    if item.match_first and settle_match(context, item):
        return
    _attempt(context, item, _prepare(context, item))


def _attempt(context: PushContext, item: PushItem, creation: Creation) -> None:
    kind = context.kind
    attempt = replace(item, revision=creation.revision, values=_all_values(item, creation))
    try:
        answer = context.call(lambda client: kind.create(client, item, creation))
    except OutcomeUnknown:
        context.mark_unknown([item], creation)
        raise
    except Unavailable as error:
        if error.status:  # an answer, which Xero would repeat under this key
            context.mark_unknown([item], creation)
            _store(context, item, replace(creation, started_at=None).columns())
        raise
    except Refused as error:
        _settle_refusal(context, item, refused(kind, attempt, error))
    else:
        _settle_answer(context, item, attempt, creation, answer)


def _may_exist(context: PushContext, item: PushItem) -> bool:
    """Return whether Xero must be asked first: an attempt may have made it, or a backup was restored."""
    may_be_in_xero = item.creation is not None or item.refresh_due or item.check_due
    return may_be_in_xero or context.now() - item.added_at > LOOK_UP_WHEN_OLDER_THAN


def _find(context: PushContext, item: PushItem) -> Any | None:
    """Find what an earlier attempt made, the one in use before archived ones."""
    kind = context.kind
    ours = [remote for remote in context.call(lambda client: kind.find(client, item)) if kind.is_ours(item, remote)]
    if len({kind.id_of(remote) for remote in ours}) > 1:
        business, contact = str(context.claim.business_id), str(item.contact_id)
        log.error("push.created_twice", kind=kind.name, business=business, contact=contact)
    return min(ours, key=lambda remote: kind.gone(remote) is not None, default=None)


def _adopt(context: PushContext, item: PushItem, remote: Any) -> None:
    """Link the row with what an earlier attempt made; what was edited since follows as an update."""
    kind = context.kind
    if reason := kind.objection(item, remote):
        context.settle([parked(item, Refusal(reason), raw=kind.raw_of(remote))])
        return
    item = replace(item, state=LinkState.ACTIVE)
    if not _write_link(context, item, kind.id_of(remote)):
        return
    outcome = classify(kind, item, remote, now=context.now())
    if outcome is None:
        update(context, [kind.with_remote(item, remote)])
    else:
        context.settle([outcome])


def _prepare(context: PushContext, item: PushItem) -> Creation:
    """Store the attempt that is sent next: the one whose outcome is unknown, or a new one."""
    now = context.now()
    if item.creation is not None and item.creation.may_repeat(now):
        return item.creation
    creation = Creation(
        key=f"{item.id}:{uuid4()}",
        revision=item.revision,
        values={key: value for key, value in item.values.items() if value},
        element=context.kind.element_of(item),
        started_at=now,
    )
    if not _store(context, item, creation.columns()):
        raise OutOfTime("the lease was lost")
    return creation


def _all_values(item: PushItem, creation: Creation) -> dict[str, str]:
    return {key: creation.values.get(key, "") for key in item.values}


def _settle_answer(context: PushContext, item: PushItem, attempt: PushItem, creation: Creation, answer: Any) -> None:
    kind = context.kind
    if not kind.is_written(answer):
        _settle_refusal(context, item, context.not_written(attempt, answer))
        return
    created = _find(context, item) if kind.is_looked_up_after_creation else answer
    if created is None:
        log.warning("push.creation_not_found", kind=kind.name, business=str(context.claim.business_id))
        context.mark_unknown([item], creation)
        context.settle([context.snoozed(item, kind.words.other_in_answer, verify=True)])
    elif _write_link(context, attempt, kind.id_of(created)):
        outcome = sent(kind, attempt, created, now=context.now(), note=kind.words.created)
        context.settle([replace(outcome, raw=kind.raw_of(answer))])


def _settle_refusal(context: PushContext, item: PushItem, outcome: Outcome) -> None:
    """End an attempt that was refused, unless an earlier one, which landed late, is the reason."""
    kind = context.kind
    is_taken = outcome.refusal is RefusalKind.NUMBER_TAKEN
    if item.creation is not None or item.unconfirmed or is_taken:
        earlier = _find(context, item)
        if earlier is not None:
            _adopt(context, item, earlier)
            return
    if is_taken and kind.has_running_numbers:
        context.settle([renumbered(item, kind.words.renumbered, outcome)])
    else:
        context.settle([replace(outcome, ends_creation=True)])


def _write_link(context: PushContext, item: PushItem, xero_id: UUID) -> bool:
    """Link a row with an item of Xero; park it when another row has that item."""
    in_flight = {key: value for key, value in item.values.items() if value}
    columns = {"xero_id": xero_id, "state": LinkState.ACTIVE, "reason": "", "in_flight": in_flight}
    try:
        return _store(context, item, columns | NO_CREATION)
    except IntegrityError:
        context.settle([parked(item, Refusal(context.kind.words.taken, RefusalKind.NUMBER_LINKED))])
        return False


def _store(context: PushContext, item: PushItem, columns: Mapping[str, Any]) -> bool:
    """Change a row while its lease is ours; commits."""
    claim, table = context.claim, context.kind.table
    with writing(context.session):
        changed = context.session.execute(
            sql_update(table)
            .where(table.business_id == claim.business_id, table.id == item.id, lease_is_held(table, claim.token))
            .values(columns)
            .execution_options(synchronize_session=False)
        )
    return bool(rows_changed(changed))
