"""Create our contacts in Xero, each once: a lost answer never makes a second one."""

from functools import partial
from uuid import UUID

from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError

from posxero.db.contact import Link
from posxero.db.engine import rows_changed, writing
from posxero.services.push import reasons
from posxero.services.push.claims import Debt
from posxero.services.push.context import OutOfTime, PushContext
from posxero.services.push.settle import gone, mark_unknown, parked, sent, settle
from posxero.services.push.update import refused, said_no, update
from posxero.services.push.verify import gone_state
from posxero.xero.client import XeroClient
from posxero.xero.errors import OutcomeUnknown, Refused
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import creation_of, read_copy

TAKEN = (
    "Xero already has this customer under our number, but that contact is linked to another customer here. "
    "Unlink the other one, then press Try again."
)


def create(context: PushContext, debt: Debt) -> None:
    """Create a contact in Xero, unless an earlier attempt did.

    Our contact's id is its ContactNumber, by which an earlier attempt is found. The key
    of an attempt is stored before it is sent: Xero answers the same key alike for about
    six minutes, errors too, so that every attempt has a key of its own.

    Raises:
        RetryLater, ConsentLost: It was not created.
        OutcomeUnknown: Perhaps it was; the next attempt looks first.
    """
    earlier = _find(context, debt) if debt.creation_key else None
    if earlier is not None:
        _adopt(context, debt, earlier)
        return
    key = _note_attempt(context, debt)
    element = creation_of(debt.contact_id, debt.values)
    try:
        answer = context.call(partial(XeroClient.put_contact, element=element, idempotency_key=key))
    except OutcomeUnknown:
        mark_unknown(context.session, context.claim, [debt])
        raise
    except Refused as error:
        settle(context.session, context.claim, [refused(debt, error)], now=context.now())
        return
    if not answer.written:
        settle(context.session, context.claim, [said_no(context, debt, answer)], now=context.now())
    elif _take(context, debt, answer.contact_id):
        created = sent(debt, read_copy(answer), now=context.now(), raw=raw_of(answer), note="Added to Xero.")
        settle(context.session, context.claim, [created], now=context.now())


def _find(context: PushContext, debt: Debt) -> Contact | None:
    """Find what an earlier attempt made, the one in use before archived ones."""
    found = context.call(partial(XeroClient.contacts_by_number, number=str(debt.contact_id)))
    mine = [contact for contact in found if (contact.contact_number or "").lower() == str(debt.contact_id)]
    return min(mine, key=lambda contact: gone_state(contact) is not None, default=None)


def _adopt(context: PushContext, debt: Debt, contact: Contact) -> None:
    if not _take(context, debt, contact.contact_id):
        return
    copy = read_copy(contact)
    state = gone_state(contact)
    if state is not None:
        settlement = gone(debt, state, reasons.GONE[state], copy, raw=raw_of(contact))
        settle(context.session, context.claim, [settlement], now=context.now())
    else:
        update(context, [debt.as_seen(contact.contact_id, copy)])


def _note_attempt(context: PushContext, debt: Debt) -> str:
    attempt = int(debt.creation_key.rpartition(":")[2] or 0) + 1 if debt.creation_key else 1
    key = f"{context.claim.connection.tenant_id}:{debt.link_id}:{attempt}"
    if not _set(context, debt, creation_key=key):
        raise OutOfTime("the lease was lost")
    return key


def _take(context: PushContext, debt: Debt, xero_id: UUID) -> bool:
    """Tie the link to a contact of Xero; parked when another link has it."""
    try:
        return _set(context, debt, xero_id=xero_id)
    except IntegrityError:
        settle(context.session, context.claim, [parked(debt, TAKEN)], now=context.now())
        return False


def _set(context: PushContext, debt: Debt, **columns: str | UUID) -> bool:
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
