"""Create our contacts in Xero, each once: a lost answer never makes a second one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError

from posxero.db.contact import Link
from posxero.db.engine import rows_changed, writing
from posxero.domain.enums import LinkState
from posxero.services.push import reasons
from posxero.services.push.attempts import not_written, postpone, refused
from posxero.services.push.context import OutOfTime, PushContext
from posxero.services.push.creation import NO_CREATION, Creation
from posxero.services.push.debt import Debt
from posxero.services.push.settle import settle
from posxero.services.push.settlements import Settlement, absent, parked, sent
from posxero.services.push.update import update
from posxero.services.push.verify import classify, gone_state
from posxero.xero.client import XeroClient
from posxero.xero.errors import OutcomeUnknown, Refused, Unavailable
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import creation_of, read_copy

LOOK_UP_WHEN_OLDER_THAN: Final = timedelta(
    hours=1
)  # of a contact: this database may be a backup's, and Xero have it already
TAKEN: Final = (
    "Xero already has this customer under our number, but that contact is linked to another customer here. "
    "Unlink the other one, then press Try again."
)

log = structlog.get_logger(__name__)


def create(context: PushContext, debt: Debt) -> None:
    """Create a contact in Xero, unless an earlier attempt did.

    Our contact's id is its ContactNumber, by which an earlier attempt is found. Key and
    body of an attempt are stored before they are sent. While the outcome is unknown the
    same key goes with the same body, as long as Xero knows the key; what was edited
    meanwhile follows as an update. Xero repeats errors under a key, too, so that a refusal
    ends it.

    Raises:
        RetryLater, ConsentLost: It was not created.
        OutcomeUnknown: Perhaps it was; the next attempt looks first.
    """
    if _may_exist(context, debt):
        earlier = _find(context, debt)
        if earlier is not None:
            _adopt(context, debt, earlier)
            return
        if not debt.is_pushed:
            settle(context.session, context.claim, [absent(debt)], now=context.now())
            return
    _attempt(context, debt, _prepare(context, debt))


def _attempt(context: PushContext, debt: Debt, creation: Creation) -> None:
    attempt = replace(debt, revision=creation.revision, values=_all_values(debt, creation))
    try:
        answer = context.call(partial(XeroClient.put_contact, element=creation.element, idempotency_key=creation.key))
    except OutcomeUnknown:
        context.mark_unknown([debt], creation)
        raise
    except Unavailable as error:
        if error.status:  # an answer, which Xero would repeat under this key
            context.mark_unknown([debt], creation)
            _store(context, debt, replace(creation, started_at=None).columns())
        raise
    except Refused as error:
        _settle_refusal(context, debt, refused(attempt, error))
    else:
        _settle_answer(context, debt, attempt, creation, answer)


def _may_exist(context: PushContext, debt: Debt) -> bool:
    """Return whether Xero must be asked first: an attempt may have made it, or a backup was restored."""
    return (
        debt.creation is not None
        or debt.refresh
        or debt.check
        or context.now() - debt.added_at > LOOK_UP_WHEN_OLDER_THAN
    )


def _find(context: PushContext, debt: Debt) -> Contact | None:
    """Find what an earlier attempt made, the one in use before archived ones."""
    found = context.call(partial(XeroClient.contacts_by_number, number=str(debt.contact_id)))
    ours = [contact for contact in found if _has_our_number(contact, debt)]
    if len({contact.contact_id for contact in ours}) > 1:
        log.error("push.created_twice", business=str(context.claim.business_id), contact=str(debt.contact_id))
    return min(ours, key=lambda contact: gone_state(contact) is not None, default=None)


def _has_our_number(contact: Contact, debt: Debt) -> bool:
    return (contact.contact_number or "").lower() == str(debt.contact_id)


def _adopt(context: PushContext, debt: Debt, contact: Contact) -> None:
    """Link the contact that an earlier attempt made; what was edited since follows as an update."""
    debt = replace(debt, state=LinkState.ACTIVE)
    if not _link(context, debt, contact.contact_id):
        return
    settlement = classify(debt, contact, now=context.now())
    if settlement is None:
        update(context, [debt.as_seen(contact.contact_id, read_copy(contact))])
    else:
        settle(context.session, context.claim, [settlement], now=context.now())


def _prepare(context: PushContext, debt: Debt) -> Creation:
    """Store the attempt that is sent next: the one whose outcome is unknown, or a new one."""
    now = context.now()
    if debt.creation is not None and debt.creation.may_repeat(now):
        return debt.creation
    creation = Creation(
        key=f"{debt.link_id}:{uuid4()}",
        revision=debt.revision,
        values={key: value for key, value in debt.values.items() if value},
        element=creation_of(debt.contact_id, debt.values),
        started_at=now,
    )
    if not _store(context, debt, creation.columns()):
        raise OutOfTime("the lease was lost")
    return creation


def _all_values(debt: Debt, creation: Creation) -> dict[str, str]:
    return {key: creation.values.get(key, "") for key in debt.values}


def _settle_answer(context: PushContext, debt: Debt, attempt: Debt, creation: Creation, answer: Contact) -> None:
    if not answer.written:
        _settle_refusal(context, debt, not_written(context, attempt, answer))
        return
    created = _find(context, debt)  # an answer may name another contact than the one that was made
    if created is None:
        log.warning("push.creation_not_found", business=str(context.claim.business_id))
        context.mark_unknown([debt], creation)
        postponed = postpone(context, debt, reasons.ANOTHER, verify=True)
        settle(context.session, context.claim, [postponed], now=context.now())
    elif _link(context, attempt, created.contact_id):
        now = context.now()
        settlement = sent(attempt, read_copy(created), now=now, raw=raw_of(answer), note="Added to Xero.")
        settle(context.session, context.claim, [settlement], now=now)


def _settle_refusal(context: PushContext, debt: Debt, settlement: Settlement) -> None:
    """End an attempt that was refused, unless an earlier one, which landed late, is the reason."""
    if debt.creation is not None or debt.doubts or reasons.is_number_taken(settlement.note):
        earlier = _find(context, debt)
        if earlier is not None:
            _adopt(context, debt, earlier)
            return
    settle(context.session, context.claim, [replace(settlement, ends_creation=True)], now=context.now())


def _link(context: PushContext, debt: Debt, xero_id: UUID) -> bool:
    """Tie the link to a contact of Xero; parked when another link has it."""
    in_flight = {key: value for key, value in debt.values.items() if value}
    columns = {"xero_id": xero_id, "state": LinkState.ACTIVE, "reason": "", "in_flight": in_flight}
    try:
        return _store(context, debt, columns | NO_CREATION)
    except IntegrityError:
        settle(context.session, context.claim, [parked(debt, TAKEN)], now=context.now())
        return False


def _store(context: PushContext, debt: Debt, columns: Mapping[str, Any]) -> bool:
    """Change the link while its lease is ours; commits."""
    claim = context.claim
    with writing(context.session):
        changed = context.session.execute(
            sql_update(Link)
            .where(Link.business_id == claim.business_id, Link.id == debt.link_id, Link.lease_token == claim.token)
            .values(columns)
            .execution_options(synchronize_session=False)
        )
    return bool(rows_changed(changed))
