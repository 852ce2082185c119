"""Which saved changes are noted in Xero, and what each line of its history says."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.history_note import HistoryNote
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import MAPPED_KEYS, by_key

MAX_DETAILS: Final = 250  # characters; HistoryRecord.Details, Xero's "History and Notes"
NOTED: Final = (ActivityKind.EDITED, ActivityKind.VERSION_RESTORED, ActivityKind.SENT_OURS)


def add_notes(
    session: Session, connection: Connection, contact_id: UUID, *, after: int, upto: int, now: datetime
) -> None:
    """Add a note for each saved change whose revision Xero has now; the caller commits.

    Args:
        after: The revision that Xero had before.
        upto: The revision that it has now.
    """
    link_id = session.scalar(
        select(Link.id).where(
            Link.business_id == connection.business_id,
            Link.contact_id == contact_id,
            Link.tenant_id == connection.tenant_id,
        )
    )
    saves = select(Activity).where(
        Activity.business_id == connection.business_id,
        Activity.contact_id == contact_id,
        Activity.kind.in_(NOTED),
        Activity.revision > after,
        Activity.revision <= upto,
    )
    for save in session.scalars(saves.order_by(Activity.id)):
        note_id = new_id()
        session.add(
            HistoryNote(
                business_id=connection.business_id,
                id=note_id,
                tenant_id=connection.tenant_id,
                link_id=link_id,
                contact_id=contact_id,
                activity_id=save.id,
                details=_details(save, note_id),
                owed_revision=1,
                owed_at=now,
                owed_by=save.actor,
                created_at=now,
            )
        )


def reference_of(note_id: UUID) -> str:
    """Return what marks a note as ours in its text: the random end of its id."""
    return f"(ref {note_id.hex[-12:]})"


def _details(save: Activity, note_id: UUID) -> str:
    labels = [by_key(key).label for key, *_ in save.changes if key in MAPPED_KEYS]
    changed = f"{', '.join(labels)} changed by" if labels else "Details sent again by"
    ending = f" {reference_of(note_id)}"
    return f"Retail POS: {changed} {save.actor}"[: MAX_DETAILS - len(ending)] + ending
