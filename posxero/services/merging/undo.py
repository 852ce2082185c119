"""Take a merge back within 30 days: what came from the merged customer goes back to it, and nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.merge import ContactMerge
from posxero.db.sale import Sale
from posxero.domain.columns import values_of
from posxero.domain.diff import changes
from posxero.domain.enums import ActivityKind
from posxero.queue import JobQueue
from posxero.services import activity, customer_balances, owed
from posxero.services.contacts.search.keys import search_columns
from posxero.services.errors import NotFound
from posxero.services.merging import moving
from posxero.services.merging.errors import CannotUndoMerge
from posxero.services.merging.snapshots import is_untouched, restore

NAMED_MAX: Final = 10  # sales that are named each
UNDO_FOR: Final = timedelta(days=30)
UNDONE: Final = "This merge was undone already."
TOO_LATE: Final = "A merge can be undone for 30 days. This one is older."
MERGED_SINCE: Final = "{name} was merged into another customer since. Undo that merge first."
CODE_TAKEN: Final = "{other} now has {name}'s customer code, {code}. Change it there first."
SALE_BEING_SENT: Final = "Sale {number} is being sent to Xero right now. Try again in a minute."
COUNTERS: Final = ("version", "revision")  # of a contact: what others compare them with never goes back


def undo(session: Session, business: Business, merge_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> Contact:
    """Undo a merge; commits, then enqueues a push of what Xero is owed by it.

    Fields that somebody changed since keep what they hold, and what the survivor got since stays with it.

    Returns:
        The customer that is back.

    Raises:
        NotFound: There is no such merge in this business.
        CannotUndoMerge: It cannot be undone any more, or not now. Nothing changes.
    """
    with writing(session):
        merge = _load(session, business.id, merge_id)
        survivor, loser = _check(session, merge, now)
        links = moving.load_links(session, survivor, loser)
        stays = describe_sent(moving.sales_sent_since(session, merge), survivor.name)
        moving.move_rows_back(session, merge)
        sale = moving.sale_being_sent(session, merge)
        if sale is not None:
            raise CannotUndoMerge(SALE_BEING_SENT.format(number=sale.number))
        sent = [_restore_link(link, merge, survivor, loser) for link in links]
        session.flush()
        _restore_contacts(session, business, merge, survivor, loser, stays, by=by, now=now)
        for contact in {contact.id: contact for contact in sent if contact is not None}.values():
            owed.owe(session, contact, by=by, now=now)
        customer_balances.refresh(session, business.id, [survivor.id, loser.id], are_locked=True)
        merge.undone_at, merge.undone_by = now, by
    jobs.push(business.id, awaited=True)
    return loser


def describe_sent(sales: Sequence[Sale], survivor_name: str) -> str:
    """Say which sales Xero got as invoices to the survivor; "" for none."""
    if not sales:
        return ""
    numbers = [sale.number for sale in sales[:NAMED_MAX]]
    if len(sales) > NAMED_MAX:
        numbers.append(f"{len(sales) - NAMED_MAX} more")
    listed = " and ".join(filter(None, [", ".join(numbers[:-1]), numbers[-1]]))
    subject, stay = ("invoices", "stay") if len(sales) > 1 else ("an invoice", "stays")
    return f"{listed} went to Xero as {subject} to {survivor_name} and {stay} with that contact there."


def may_be_undone(merge: ContactMerge, now: datetime) -> bool:
    """Return whether there is time left to undo a merge."""
    return merge.undone_at is None and now <= merge.merged_at + UNDO_FOR


def _load(session: Session, business_id: UUID, merge_id: UUID) -> ContactMerge:
    query = select(ContactMerge).where(ContactMerge.business_id == business_id, ContactMerge.id == merge_id)
    merge = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if merge is None:
        raise NotFound(merge_id)
    return merge


def _check(session: Session, merge: ContactMerge, now: datetime) -> tuple[Contact, Contact]:
    """Return the survivor and the loser of a merge that can be undone, both locked."""
    if merge.undone_at is not None:
        raise CannotUndoMerge(UNDONE)
    if not may_be_undone(merge, now):
        raise CannotUndoMerge(TOO_LATE)
    both = (merge.survivor_id, merge.loser_id)
    query = select(Contact).where(Contact.business_id == merge.business_id, Contact.id.in_(both)).order_by(Contact.id)
    locked = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    found = {contact.id: contact for contact in locked}
    survivor, loser = (found[contact_id] for contact_id in both)
    if survivor.merged_into is not None:
        raise CannotUndoMerge(MERGED_SINCE.format(name=survivor.name))
    _check_code(session, merge, survivor, loser)
    return survivor, loser


def _check_code(session: Session, merge: ContactMerge, survivor: Contact, loser: Contact) -> None:
    """Refuse where somebody else got the loser's customer code, or the survivor was given it since."""
    changed = merge.changed["contact"]
    code = changed[str(loser.id)].get("customer_code", [""])[0]
    if not code:
        return
    query = select(Contact).where(Contact.business_id == merge.business_id, Contact.customer_code == code)
    owner = session.scalar(query)
    came_with_merge = changed[str(survivor.id)].get("customer_code", [None, None])[1] == code
    if owner is not None and not (owner.id == survivor.id and came_with_merge):
        raise CannotUndoMerge(CODE_TAKEN.format(other=owner.name, code=code, name=loser.name))


def _restore_link(link: Link, merge: ContactMerge, survivor: Contact, loser: Contact) -> Contact | None:
    """Restore a link; return whose push is owed because Xero may have heard of the merge, or None."""
    changed = merge.changed.get("link", {}).get(str(link.id))
    if changed is None:  # it was made since
        return survivor
    if link.contact_id == loser.id:  # nothing was sent over it
        restore(link, changed)
        return None
    if link.lease_token is None and is_untouched(link, changed, moving.PUSHED):
        restore(link, changed)
        return None
    if "contact_id" in changed and is_untouched(link, changed, ("xero_id",)):
        link.contact_id = loser.id
        loser.revision = max(loser.revision, survivor.revision)  # what was sent must stay below what is owed now
        return loser
    return survivor


def _restore_contacts(
    session: Session,
    business: Business,
    merge: ContactMerge,
    survivor: Contact,
    loser: Contact,
    stays: str,
    *,
    by: str,
    now: datetime,
) -> None:
    """Restore both rows and record it. The survivor's goes first: the loser's code must be free.

    Args:
        stays: Which invoices stay with the survivor in Xero, in words; "" for none.
    """
    before, name = values_of(survivor), survivor.name
    changed = merge.changed["contact"]
    restore(survivor, changed[str(survivor.id)], but=(*COUNTERS, "merged_count"))
    counted = changed[str(survivor.id)]["merged_count"]
    survivor.merged_count -= counted[1] - counted[0]
    restored = changes(before, values_of(survivor))
    if restored:
        survivor.version += 1
    for column, text in search_columns(values_of(survivor), business.country).items():
        setattr(survivor, column, text)
    session.flush()
    restore(loser, changed[str(loser.id)], but=COUNTERS)
    for column, text in search_columns(values_of(loser), business.country).items():
        setattr(loser, column, text)
    session.flush()
    note = f"{loser.name} is a separate customer again, no longer merged into {name}. {stays}".rstrip()
    activity.record(session, survivor, ActivityKind.MERGE_UNDONE, by=by, now=now, changes=restored, note=note)
    activity.record(session, loser, ActivityKind.MERGE_UNDONE, by=by, now=now, note=note)
