"""Send ours to many customers that differ from Xero's: what that would do, and doing it in steps.

A customer where sending would empty something in Xero is left out: that is asked about on its own page. A step is one
transaction; what was sent has left the list *Changed in Xero*, so that nothing else need be remembered between two.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference, differences, sent_keys
from posxero.domain.enums import ActivityKind, SyncState
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import contacts, emptied_fields
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.sync_status.badges import condition_for, is_joined
from posxero.services.sync_status.connection_status import ConnectionStatus, load_connection_status

STEP: Final = 100  # customers of one transaction
STEPS: Final = 5  # of one call
PREVIEW_MAX: Final = 1000  # customers that a preview looks at
FIRST: Final = UUID(int=0)  # smaller than any contact's id
NOTE: Final = "For everyone on a list."


@dataclass(frozen=True)
class SkippedCustomer:
    """A customer that is not sent, because that would empty these fields in Xero."""

    contact_id: UUID
    name: str
    fields: Sequence[str]  # their labels


@dataclass
class Preview:
    """What sending would do, as far as it was looked at: the first `looked_at` customers of the list."""

    looked_at: int = 0
    is_whole: bool = True
    replaced: Counter[str] = field(default_factory=Counter)  # customers by the label of a field
    skipped: list[SkippedCustomer] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many would be sent."""
        return self.looked_at - len(self.skipped)


@dataclass(frozen=True)
class BulkSendProgress:
    """How many were sent and left out so far. `last` is where to continue; None when nothing is left."""

    sent: int = 0
    skipped: int = 0
    last: UUID | None = FIRST


def preview(
    session: Session, business_id: UUID, asked: ListQuery, status: ConnectionStatus, *, now: datetime
) -> Preview:
    """Return what sending ours to the customers of a list would do; changes nothing."""
    found, after = Preview(), FIRST
    while ids := results.find_ids(session, business_id, asked, status, now, after=after, limit=STEP):
        if found.looked_at >= PREVIEW_MAX:
            found.is_whole = False
            break
        for contact, link in _differing(session, business_id, status, ids, seen_at=now):
            found.looked_at += 1
            differing, emptied = _compare(session, contact, link)
            if emptied:
                found.skipped.append(SkippedCustomer(contact.id, contact.name, [one.label for one in emptied]))
            else:
                found.replaced.update(one.label for one in differing)
            session.expunge(contact)
            session.expunge(link)
        after = ids[-1]
    return found


def send(
    session: Session,
    business_id: UUID,
    asked: ListQuery,
    done: BulkSendProgress,
    *,
    seen_at: datetime,
    by: str,
    now: datetime,
    jobs: JobQueue,
) -> BulkSendProgress:
    """Send ours to the next customers of a list, as a backlog that lets people's saves go first; commits and enqueues.

    Args:
        session: For the steps of this call, each a transaction.
        business_id: Whose list it is.
        asked: The list.
        done: What was done before.
        seen_at: When the person was shown what would be sent: what Xero changed later is not replaced.
        by: Who asked for it.
        now: The time of the request.
        jobs: Where the push is enqueued.
    """
    for _ in range(STEPS):
        if done.last is None:
            break
        done = _send_step(session, business_id, asked, done, done.last, seen_at=seen_at, by=by, now=now)
    if done.sent:
        jobs.push(business_id)
    return done


def _send_step(
    session: Session,
    business_id: UUID,
    asked: ListQuery,
    done: BulkSendProgress,
    after: UUID,
    *,
    seen_at: datetime,
    by: str,
    now: datetime,
) -> BulkSendProgress:
    with writing(session):
        status = load_connection_status(session, business_id)
        ids = results.find_ids(session, business_id, asked, status, now, after=after, limit=STEP)
        pairs = list(_differing(session, business_id, status, ids, seen_at=seen_at, lock=True))
        sent = [(contact, link) for contact, link in pairs if not _compare(session, contact, link)[1]]
        owed.owe_backlog(sent, now=now)
        for contact, _ in sent:
            kind = ActivityKind.SENT_OURS
            activity.record(session, contact, kind, by=by, now=now, revision=contact.revision, note=NOTE)
    last = ids[-1] if len(ids) == STEP else None
    return BulkSendProgress(done.sent + len(sent), done.skipped + len(pairs) - len(sent), last)


def _differing(
    session: Session,
    business_id: UUID,
    status: ConnectionStatus,
    ids: Sequence[UUID],
    *,
    seen_at: datetime,
    lock: bool = False,
) -> Iterator[tuple[Contact, Link]]:
    """Load those that differ, as Xero was known to be at a time.

    Args:
        lock: Keep others from writing them until the transaction ends; those that somebody is writing are left out.
    """
    query = (
        select(Contact, Link)
        .join(Link, is_joined(status.tenant_id))
        .where(
            Contact.business_id == business_id,
            Contact.id.in_(ids),
            condition_for(SyncState.CHANGED, may_send=False),
            Link.xero_id.is_not(None),
            or_(Link.copied_at.is_(None), Link.copied_at <= seen_at),
        )
        .order_by(Contact.id)
    )
    if lock:
        query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    yield from session.execute(query)


def _compare(session: Session, contact: Contact, link: Link) -> tuple[list[Difference], list[Difference]]:
    """Return what differs, and what sending would empty in Xero."""
    values: Mapping[str, str] = contacts.values_of(contact)
    keys = sent_keys(tax_number_edited=contact.tax_number_edited)
    differing = differences(values, XeroCopy.from_json(link.copy).values, keys=keys)
    return differing, emptied_fields.fields_emptied(session, contact, link, values)
