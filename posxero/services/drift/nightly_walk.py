"""The nightly walk over every contact, for what moves no timestamp in Xero: customer flags, and silent deletions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from posxero.db.business import Business
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.enums import LinkState
from posxero.domain.walk_schedule import next_walk
from posxero.services.drift import inbox
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.inbox import Resource
from posxero.services.drift.pages import PassCheckpoint
from posxero.xero.pages import ContactsPage

MAX_UNSEEN: Final = 200  # contacts of one walk that are looked up alone; the next walk finds the others
CHUNK: Final = 1000


def due_after(check: ClaimedCheck) -> datetime:
    """Return when the walk after this one is due. Ends the transaction."""
    timezone = check.session.get_one(Business, check.row.business_id).timezone
    every = check.ports.settings.timings.walk
    return next_walk(check.row.business_id, timezone, every=every, now=check.now())


def note_seen(check: ClaimedCheck, place: PassCheckpoint, page: ContactsPage) -> None:
    """Note which linked contacts a page holds. Ends the transaction."""
    ids = [contact.contact_id for contact in page.contacts]
    linked = select(Link.xero_id).where(
        Link.business_id == check.row.business_id, Link.tenant_id == check.row.tenant_id, Link.xero_id.in_(ids)
    )
    place.seen.update(xero_id.bytes for xero_id in check.session.scalars(linked) if xero_id)
    check.session.commit()


def look_for_unseen(check: ClaimedCheck, place: PassCheckpoint) -> int:
    """Put the linked contacts that no page held into the inbox: each is read alone, which tells; commits.

    Returns:
        How many there are, at most `MAX_UNSEEN`.
    """
    row, unseen = check.row, list[UUID]()
    for xero_id in _linked_before(check, place):
        if xero_id.bytes not in place.seen and len(unseen) < MAX_UNSEEN:
            unseen.append(xero_id)
    if unseen:
        with writing(check.session):
            resources = [Resource(row.business_id, row.tenant_id, ChangeCategory.CONTACT, one) for one in unseen]
            inbox.store(check.session, dict.fromkeys(resources), now=place.began_at)
    return len(unseen)


def _linked_before(check: ClaimedCheck, place: PassCheckpoint) -> Iterator[UUID]:
    """Yield the contacts that were linked before the walk began, and are not known to be missing."""
    query = (
        select(Link.xero_id)
        .where(Link.business_id == check.row.business_id, Link.tenant_id == check.row.tenant_id)
        .where(Link.xero_id.is_not(None), Link.linked_at < place.began_at, Link.state != LinkState.MISSING)
        .execution_options(yield_per=CHUNK)
    )
    yield from (xero_id for xero_id in check.session.scalars(query) if xero_id)
    check.session.commit()
