"""Read Xero before sending again: what is there, and is it ours?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference, differences, sent_keys
from posxero.domain.doubts import explain
from posxero.domain.enums import LinkState
from posxero.services.push import reasons
from posxero.services.push.attempts import postpone
from posxero.services.push.context import PushContext
from posxero.services.push.debt import Debt
from posxero.services.push.settle import settle
from posxero.services.push.settlements import Settlement, changed_in_xero, gone, verified
from posxero.xero.client import IDS, XeroClient
from posxero.xero.errors import Missing, TooLarge
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import read_copy

STATES = {"ARCHIVED": LinkState.ARCHIVED, "GDPRREQUEST": LinkState.ERASED}
RESTORED = (
    "Xero's details differ from this database, which was restored from a backup. Nothing was sent. "
    "Save the customer or press Send ours to Xero to replace them."
)


def verify(context: PushContext, debts: Sequence[Debt]) -> list[Debt]:
    """Read contacts in Xero; settle those that hold what they should, are gone, or were changed there.

    Returns:
        Those that must be sent, with Xero's copy as it is now.

    Raises:
        XeroError: Nothing more is known than before.
    """
    to_send: list[Debt] = []
    for some in _chunks(debts, IDS):
        found = _read(context, some)
        settlements: list[Settlement] = []
        now = context.now()
        for debt in some:
            contact = found.get(debt.link_id)
            if isinstance(contact, Settlement):
                settlements.append(contact)
            elif (settlement := classify(debt, contact, now=now)) is not None:
                settlements.append(settlement)
            elif contact is not None:
                to_send.append(debt.as_seen(contact.contact_id, read_copy(contact)))
        settle(context.session, context.claim, settlements, now=now)
    return to_send


def classify(debt: Debt, contact: Contact | None, *, now: datetime) -> Settlement | None:
    """Return what a debt comes to by what Xero shows of its contact; None when it must be sent."""
    state = gone_state(contact)
    if contact is None:
        return gone(debt, LinkState.MISSING, reasons.GONE[LinkState.MISSING])
    copy, raw = read_copy(contact), raw_of(contact)
    if state is not None:
        return gone(debt, state, reasons.GONE[state], copy, raw=raw)
    differing = differences(debt.values, copy.values, keys=sent_keys(tax_number_edited=debt.tax_number_edited))
    if not differing:
        return verified(debt, copy, now=now, raw=raw)
    if _may_overwrite(debt, copy, differing):
        return None
    note = RESTORED if debt.refresh and debt.owed else ""
    return changed_in_xero(debt, copy, now=now, raw=raw, note=note)


def _may_overwrite(debt: Debt, copy: XeroCopy, differing: Sequence[Difference]) -> bool:
    """Return whether what differs in Xero is to be replaced: what a person changed there is not, unless we owe it."""
    if debt.state is not LinkState.ACTIVE:
        return False
    if debt.refresh:
        return debt.owed and not differences(debt.copy.values, copy.values)
    return debt.owed or debt.verify or explain(debt.doubts, differing)


def gone_state(contact: Contact | None) -> LinkState | None:
    """Return in which way Xero no longer has a contact in use; None when it has."""
    if contact is None:
        return LinkState.MISSING
    copy = read_copy(contact)
    if copy.status == "ARCHIVED" and copy.merged_to:
        return LinkState.MERGED
    return STATES.get(copy.status)


def _read(context: PushContext, debts: Sequence[Debt]) -> dict[UUID, Contact | Settlement]:
    """Read contacts, by the id of their link. One that Xero does not have is left out.

    A list that lacks a contact, or has it twice, proves nothing: that one is asked for by its own address.
    """
    ids = [debt.xero_id for debt in debts if debt.xero_id is not None]
    try:
        answered = context.call(partial(XeroClient.contacts_by_ids, ids=ids))
    except TooLarge:
        answered = []
    count = Counter(contact.contact_id for contact in answered)
    certain = {contact.contact_id: contact for contact in answered if count[contact.contact_id] == 1}
    found: dict[UUID, Contact | Settlement] = {}
    for debt in debts:
        if debt.xero_id in certain:
            found[debt.link_id] = certain[debt.xero_id]
        elif debt.xero_id is not None and (one := _read_one(context, debt, debt.xero_id)) is not None:
            found[debt.link_id] = one
    return found


def _read_one(context: PushContext, debt: Debt, xero_id: UUID) -> Contact | Settlement | None:
    """Read a contact by its own address; None when Xero says that it does not have it."""
    try:
        contact = context.call(partial(XeroClient.contact_by_id, contact_id=xero_id))
    except Missing:
        return None
    except TooLarge:
        contact = None
    if contact is None or contact.contact_id != xero_id:
        return postpone(context, debt, reasons.INCOMPLETE, verify=True)
    return contact


def _chunks(debts: Sequence[Debt], size: int) -> Iterator[Sequence[Debt]]:
    for start in range(0, len(debts), size):
        yield debts[start : start + size]
