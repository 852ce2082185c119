"""The record of who did what to a contact, and what Xero answered. Rows are only ever added."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.domain.enums import ActivityKind

SHOWN = 50  # entries of a contact's history on its page


def note(
    session: Session,
    contact: Contact,
    kind: ActivityKind,
    *,
    by: str,
    now: datetime,
    changes: Mapping[str, tuple[str, str]] | None = None,
    revision: int | None = None,
    words: str = "",
) -> None:
    """Add an entry about a contact; the caller commits.

    Args:
        changes: Value before and after, by field key.
        revision: What Xero will be owed, when the act raised it.
        words: What else to say.
    """
    session.add(
        Activity(
            business_id=contact.business_id,
            at=now,
            kind=kind,
            contact_id=contact.id,
            actor=by,
            changes=[[key, before, after] for key, (before, after) in (changes or {}).items()],
            revision=revision,
            note=words,
        )
    )


def history(session: Session, business_id: UUID, contact_id: UUID, *, limit: int = SHOWN) -> Sequence[Activity]:
    """List what happened to a contact, the newest first."""
    query = select(Activity).where(Activity.business_id == business_id, Activity.contact_id == contact_id)
    return session.scalars(query.order_by(Activity.id.desc()).limit(limit)).all()
