"""Merges as a manager makes them, and a picture of all that they may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from posxero.db.models import Contact, Draft, HistoryNote, Link, Sale
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.merging import undo as undoing
from posxero.services.merging.checks import MergeForm
from posxero.services.merging.merge import merge
from posxero.services.merging.snapshots import snapshot_of
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.merge import ContactMerge

PICTURED: tuple[Any, ...] = (Contact, Link, Sale, Draft, HistoryNote)
COUNTERS = {"version", "revision"}


def merge_into(
    session: Session, business: Business, survivor: Contact, loser: Contact, *chosen: str, **form: Any
) -> ContactMerge:
    """Merge the second customer into the first; `form` overrides."""
    session.expire_all()
    both = {"survivor_id": survivor.id, "loser_id": loser.id, "seen": (survivor.version, loser.version)}
    asked = MergeForm(**{**both, "chosen": chosen, "empty_fields": EmptyFields.CLEAR, **form})
    merged = merge(session, business, asked, by="Mia", now=now(), jobs=RecordingQueue())
    session.expire_all()
    return merged


def undo(session: Session, business: Business, merged: ContactMerge, **when: Any) -> Contact:
    """Undo a merge."""
    session.expire_all()
    found = undoing.undo(session, business, merged.id, by="Mia", jobs=RecordingQueue(), **{"now": now(), **when})
    session.expire_all()
    return found


def picture(session: Session, *, but: Collection[str] = ()) -> dict[Any, dict[str, Any]]:
    """Copy every column of every row that a merge may change, but the counters that others compare."""
    session.expire_all()
    found = {}
    for table in PICTURED:
        for row in session.scalars(select(table)).all():
            columns = snapshot_of(row)
            found[table.__tablename__, row.id] = {
                key: value for key, value in columns.items() if key not in COUNTERS and key not in but
            }
    session.rollback()
    return found
