"""History notes: lines that say in Xero's own history of a contact who changed what here.

Xero gives a note no id and no number, so that our reference stands in its text, and an
earlier attempt is found by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.history_note import HistoryNote
from posxero.db.push_state import PushState, is_owed
from posxero.domain.poll_interval import is_scarce
from posxero.domain.refusals import Refusal
from posxero.services.contacts.merged import is_merged
from posxero.services.push.items import Creation, PushItem, push_columns
from posxero.services.push.kinds.history_lines import reference_of
from posxero.services.push.kinds.kind import KindWords, PushKind
from posxero.services.push.kinds.note_feed import NoteFeed
from posxero.settings import XeroSettings
from posxero.xero.client import XeroClient
from posxero.xero.refusals import raw_json
from posxero.xero.shapes import HistoryRecord

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
SHARE_OF_MINUTE: Final = 10  # at most one call in so many of the minute's limit
SHARE_OF_SCARCE_DAY: Final = 10  # notes of a day: one for so many of its calls, where Xero allows few
CALLS_FOR_EACH: Final = 2  # a look-up after a lost answer, and the note
REFUSED: Final = (
    "Xero did not accept the note about this change. The change itself is in Xero. To add the note, press Try again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteItem(PushItem):
    """A note and the contact of Xero that it is about."""

    xero_contact_id: UUID
    details: str


@dataclass(frozen=True, slots=True)
class RemoteNote:
    """A line of Xero's history, with the id of our note whose reference it carries."""

    note_id: UUID
    record: HistoryRecord


def notes_of_a_day(day_limit: int) -> int | None:
    """Return how many notes are sent a day where Xero allows few calls, which customers and sales need; else None."""
    return day_limit // SHARE_OF_SCARCE_DAY if is_scarce(day_limit) else None


class HistoryNoteKind(PushKind[NoteItem, RemoteNote]):
    """How history notes are pushed: each is created once, after the change that it is about."""

    name = "history note"
    table = HistoryNote
    feed = NoteFeed()
    words = KindWords(
        internal_error="Xero had an internal error saving this note.",
        not_in_answer="Xero's response didn't include this note.",
        other_in_answer="Xero's response was about another note.",
        no_reason="Xero rejected this note and gave no reason.",
        taken="This note is in Xero already.",
    )

    def is_enabled(self, connection: Connection) -> bool:
        """Return whether the business wants its changes noted in Xero."""
        return connection.history_notes

    def enabled_connections(self) -> ColumnElement[bool]:
        """Return the condition that the business wants its changes noted in Xero."""
        return Connection.history_notes.is_(True)

    def blocked(self) -> ColumnElement[bool]:
        """Return the condition that the contact is not in Xero as it is here, has no link any more, or was merged."""
        sent = exists().where(
            Link.business_id == HistoryNote.business_id,
            Link.id == HistoryNote.link_id,
            Link.xero_id.is_not(None),
            ~is_owed(Link),
            ~is_merged(),
        )
        return ~sent

    def allowance(self, session: Session, connection: Connection, settings: XeroSettings, *, now: datetime) -> int:
        """Return how many notes may be sent: of a minute's calls a tenth, two calls a note; of few calls a day, too."""
        left = settings.minute_limit // SHARE_OF_MINUTE // CALLS_FOR_EACH - _count(session, connection, now - MINUTE)
        most = notes_of_a_day(settings.day_limit)
        return left if left < 1 or most is None else min(left, most - _count(session, connection, now - DAY))

    def load(
        self, session: Session, business_id: UUID, ids: Sequence[UUID], *, now: datetime
    ) -> Sequence[tuple[PushState, NoteItem]]:
        """Load notes with the contacts that they are about."""
        rows = session.execute(
            select(HistoryNote, Link.xero_id)
            .join(Link, and_(Link.business_id == HistoryNote.business_id, Link.id == HistoryNote.link_id))
            .where(HistoryNote.business_id == business_id, HistoryNote.id.in_(ids), Link.xero_id.is_not(None))
            .order_by(HistoryNote.id)
            .execution_options(populate_existing=True)
        )
        return [(note, _item(note, xero_id, now)) for note, xero_id in rows if xero_id]

    def find(self, client: XeroClient, item: NoteItem) -> Sequence[RemoteNote]:
        """Find the lines of the contact's history that carry the note's reference."""
        return [_remote(item, record) for record in client.contact_history(item.xero_contact_id)]

    def is_ours(self, item: NoteItem, remote: RemoteNote) -> bool:
        """Return whether the line carries the note's reference."""
        return reference_of(item.id) in (remote.record.details or "")

    def element_of(self, item: NoteItem) -> Mapping[str, Any]:
        """Return the line."""
        return {"Details": item.details}

    def create(self, client: XeroClient, item: NoteItem, creation: Creation) -> RemoteNote:
        """Add the line to the contact's history."""
        record = client.put_contact_history(item.xero_contact_id, creation.element, idempotency_key=creation.key)
        return _remote(item, record)

    def id_of(self, remote: RemoteNote) -> UUID:
        """Return our own id: Xero gives none."""
        return remote.note_id

    def raw_of(self, remote: RemoteNote) -> str:
        """Return the line as Xero sent it."""
        return raw_json(remote.record)

    def explain(self, item: NoteItem, complaints: Sequence[str]) -> Refusal:  # noqa: ARG002 - whatever Xero says
        """Say that the change is in Xero, and its note is not."""
        return Refusal(REFUSED)


def _remote(item: NoteItem, record: HistoryRecord) -> RemoteNote:
    return RemoteNote(item.id, record)


def _count(session: Session, connection: Connection, since: datetime) -> int:
    """Count the notes that were sent since a time, or tried."""
    recent = and_(
        HistoryNote.business_id == connection.business_id,
        HistoryNote.tenant_id == connection.tenant_id,
        HistoryNote.leased_at > since,
    )
    return session.scalar(select(func.count()).where(recent)) or 0


def _item(note: HistoryNote, xero_contact_id: UUID, now: datetime) -> NoteItem:
    return NoteItem(
        **push_columns(note, now),
        contact_id=note.contact_id,
        name=note.details,
        revision=note.owed_revision,
        values={"details": note.details},
        xero_contact_id=xero_contact_id,
        details=note.details,
        added_at=note.created_at,
    )
