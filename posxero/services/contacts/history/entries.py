"""Read the history of a contact."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity

LATEST = 50  # entries of a contact's history on its page


def latest(session: Session, business_id: UUID, contact_id: UUID, *, limit: int = LATEST) -> Sequence[Activity]:
    """List what happened to a contact last, the newest first."""
    query = select(Activity).where(Activity.business_id == business_id, Activity.contact_id == contact_id)
    return session.scalars(query.order_by(Activity.id.desc()).limit(limit)).all()
