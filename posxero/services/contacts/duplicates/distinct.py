"""Two contacts that look alike and are not the same: said once, kept, and taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.db.merge import DistinctPair
from posxero.services.errors import NotFound


def mark(session: Session, business_id: UUID, one: UUID, other: UUID, *, by: str, now: datetime) -> None:
    """Mark two contacts as different people; commits.

    Raises:
        NotFound: One of them is not there, or they are one.
    """
    pair = sorted((one, other))
    with writing(session):
        here = (Contact.business_id == business_id, Contact.id.in_(pair))
        if one == other or len(session.scalars(select(Contact.id).where(*here)).all()) != len(pair):
            raise NotFound(pair)
        if session.get(DistinctPair, (business_id, *pair)) is None:
            first, second = pair
            session.add(
                DistinctPair(business_id=business_id, first_id=first, second_id=second, marked_at=now, marked_by=by)
            )


def unmark(session: Session, business_id: UUID, one: UUID, other: UUID) -> None:
    """Propose two contacts again; commits."""
    first, second = sorted((one, other))
    same = (DistinctPair.first_id == first, DistinctPair.second_id == second)
    with writing(session):
        session.execute(
            delete(DistinctPair)
            .where(DistinctPair.business_id == business_id, *same)
            .execution_options(synchronize_session=False)
        )
