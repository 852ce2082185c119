"""Create our contacts in Xero, each once: a lost answer never makes a second one."""

from functools import partial
from uuid import UUID

from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError

from posxero.db.contact import Link
from posxero.db.engine import rows_changed, writing
from posxero.services.push import reasons
from posxero.services.push.claim import Debt
from posxero.services.push.line import Line, OutOfTime
from posxero.services.push.look import gone_state
from posxero.services.push.settle import gone, parked, sent, settle, unsure
from posxero.services.push.update import refused, said_no, update
from posxero.xero.client import XeroClient
from posxero.xero.errors import OutcomeUnknown, Refused
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import creation_of, read_copy

TAKEN = (
    "Xero already has this customer under our number, but that contact is linked to another customer here. "
    "Unlink the other one, then press Try again."
)


def create(line: Line, debt: Debt) -> None:
    """Create a contact in Xero, unless an earlier attempt did.

    Our contact's id is its ContactNumber, by which an earlier attempt is found. The key
    of an attempt is stored before it is sent: Xero answers the same key alike for about
    six minutes, errors too, so that every attempt has a key of its own.

    Raises:
        RetryLater, ConsentLost: It was not created.
        OutcomeUnknown: Perhaps it was; the next attempt looks first.
    """
    earlier = _find(line, debt) if debt.creation_key else None
    if earlier is not None:
        _adopt(line, debt, earlier)
        return
    key = _note_attempt(line, debt)
    element = creation_of(debt.contact_id, debt.values)
    try:
        answer = line.call(partial(XeroClient.put_contact, element=element, idempotency_key=key))
    except OutcomeUnknown:
        unsure(line.session, line.claim, [debt])
        raise
    except Refused as error:
        settle(line.session, line.claim, [refused(debt, error)], now=line.now())
        return
    if not answer.written:
        settle(line.session, line.claim, [said_no(line, debt, answer)], now=line.now())
    elif _take(line, debt, answer.contact_id):
        created = sent(debt, read_copy(answer), now=line.now(), raw=raw_of(answer), note="Added to Xero.")
        settle(line.session, line.claim, [created], now=line.now())


def _find(line: Line, debt: Debt) -> Contact | None:
    """Find what an earlier attempt made, the one in use before archived ones."""
    found = line.call(partial(XeroClient.contacts_by_number, number=str(debt.contact_id)))
    mine = [contact for contact in found if (contact.contact_number or "").lower() == str(debt.contact_id)]
    return min(mine, key=lambda contact: gone_state(contact) is not None, default=None)


def _adopt(line: Line, debt: Debt, contact: Contact) -> None:
    if not _take(line, debt, contact.contact_id):
        return
    copy = read_copy(contact)
    state = gone_state(contact)
    if state is not None:
        settlement = gone(debt, state, reasons.GONE[state], copy, raw=raw_of(contact))
        settle(line.session, line.claim, [settlement], now=line.now())
    else:
        update(line, [debt.as_seen(contact.contact_id, copy)])


def _note_attempt(line: Line, debt: Debt) -> str:
    attempt = int(debt.creation_key.rpartition(":")[2] or 0) + 1 if debt.creation_key else 1
    key = f"{line.claim.connection.tenant_id}:{debt.link_id}:{attempt}"
    if not _set(line, debt, creation_key=key):
        raise OutOfTime("the lease was lost")
    return key


def _take(line: Line, debt: Debt, xero_id: UUID) -> bool:
    """Tie the link to a contact of Xero; parked when another link has it."""
    try:
        return _set(line, debt, xero_id=xero_id)
    except IntegrityError:
        settle(line.session, line.claim, [parked(debt, TAKEN)], now=line.now())
        return False


def _set(line: Line, debt: Debt, **columns: str | UUID) -> bool:
    """Change the link while its lease is ours; commits."""
    claim = line.claim
    with writing(line.session):
        changed = line.session.execute(
            sql_update(Link)
            .where(Link.business_id == claim.business_id, Link.id == debt.link_id, Link.lease_token == claim.token)
            .values(columns)
            .execution_options(synchronize_session=False)
        )
    return bool(rows_changed(changed))
