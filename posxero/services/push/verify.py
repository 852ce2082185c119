"""Look into Xero before sending again: what is there, and is it ours?"""

from collections.abc import Iterator, Sequence
from functools import partial
from uuid import UUID

from posxero.domain.diff import differences, sent_keys
from posxero.domain.words import LinkState
from posxero.services.push import reasons
from posxero.services.push.claims import Debt
from posxero.services.push.context import PushContext
from posxero.services.push.settle import Settlement, gone, settle, verified
from posxero.xero.client import IDS, XeroClient
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import read_copy

STATES = {"ARCHIVED": LinkState.ARCHIVED, "GDPRREQUEST": LinkState.ERASED}


def verify(context: PushContext, debts: Sequence[Debt]) -> list[Debt]:
    """Read the contacts in Xero and close those that hold what they should, or are gone.

    Returns:
        Those that must be sent, with Xero's copy as it is now.

    Raises:
        XeroError: Nothing more is known than before.
    """
    differing: list[Debt] = []
    for some in _portions(debts, IDS):
        ids = [debt.xero_id for debt in some if debt.xero_id is not None]
        contacts = context.call(partial(XeroClient.contacts_by_ids, ids=ids))
        found = {contact.contact_id: contact for contact in contacts}
        settlements, differ = _classify(context, some, found)
        settle(context.session, context.claim, settlements, now=context.now())
        differing += differ
    return differing


def gone_state(contact: Contact | None) -> LinkState | None:
    """Tell in which way Xero no longer has a contact in use; None when it has."""
    if contact is None:
        return LinkState.MISSING
    copy = read_copy(contact)
    if copy.status == "ARCHIVED" and copy.merged_to:
        return LinkState.MERGED
    return STATES.get(copy.status)


def _classify(
    context: PushContext, debts: Sequence[Debt], found: dict[UUID, Contact]
) -> tuple[list[Settlement], list[Debt]]:
    settlements: list[Settlement] = []
    differ: list[Debt] = []
    now = context.now()
    for debt in debts:
        contact = found.get(debt.xero_id) if debt.xero_id else None
        state = gone_state(contact)
        copy = read_copy(contact) if contact is not None else None
        if state is not None or copy is None or contact is None:
            state = state or LinkState.MISSING
            raw = raw_of(contact) if contact is not None else ""
            settlements.append(gone(debt, state, reasons.GONE[state], copy, raw=raw))
        elif differences(debt.values, copy.values, keys=sent_keys(tax_number_edited=debt.tax_number_edited)):
            differ.append(debt.as_seen(contact.contact_id, copy))
        else:
            settlements.append(verified(debt, copy, now=now, raw=raw_of(contact)))
    return settlements, differ


def _portions(debts: Sequence[Debt], size: int) -> Iterator[Sequence[Debt]]:
    for start in range(0, len(debts), size):
        yield debts[start : start + size]
