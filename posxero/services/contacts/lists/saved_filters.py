"""Lists that a business keeps under a name: save one, rename or delete it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.label import Label
from posxero.db.saved_filter import SavedFilter
from posxero.domain.kinds import ContactKind
from posxero.domain.text import normalise
from posxero.services.contacts.lists import choices
from posxero.services.errors import Invalid, NotFound

NAME_MAX: Final = 40  # characters
FILTERS_MAX: Final = 20  # of a kind of contact: all of them stand above the list


class InvalidFilter(Invalid):
    """A filter cannot be saved so."""


def list_filters(session: Session, business_id: UUID, kind: ContactKind) -> list[SavedFilter]:
    """List the saved filters of a kind of contact, in the order of their names."""
    mine = (SavedFilter.business_id == business_id, SavedFilter.kind == kind)
    return list(session.scalars(select(SavedFilter).where(*mine).order_by(SavedFilter.name_key)))


def get(session: Session, business_id: UUID, filter_id: UUID) -> SavedFilter:
    """Load a saved filter.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    found = session.get(SavedFilter, (business_id, filter_id))
    if found is None:
        raise NotFound(filter_id)
    return found


def save(
    session: Session,
    business_id: UUID,
    kind: ContactKind,
    name: str,
    params: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> SavedFilter:
    """Keep what a list is asked for under a name; commits.

    Raises:
        InvalidFilter: The name is wrong or taken, or there are too many.
    """
    name = _checked(name)
    try:
        with writing(session):
            mine = (SavedFilter.business_id == business_id, SavedFilter.kind == kind)
            if (session.scalar(select(func.count()).select_from(SavedFilter).where(*mine)) or 0) >= FILTERS_MAX:
                raise InvalidFilter({"name": f"You have {FILTERS_MAX} saved filters already. Delete one first"})
            saved = SavedFilter(business_id=business_id, id=new_id(), kind=kind, created_at=now, created_by=by)
            saved.name, saved.name_key, saved.params = name, name.casefold(), dict(params)
            session.add(saved)
            choices.refresh(session, business_id)
    except IntegrityError:
        raise _taken(name) from None
    return saved


def rename(session: Session, business_id: UUID, filter_id: UUID, name: str) -> SavedFilter:
    """Rename a saved filter; commits.

    Raises:
        NotFound: It is not there, or it is another business's.
        InvalidFilter: The name is wrong, or another's.
    """
    name = _checked(name)
    try:
        with writing(session):
            saved = get(session, business_id, filter_id)
            saved.name, saved.name_key = name, name.casefold()
            choices.refresh(session, business_id)
    except IntegrityError:
        raise _taken(name) from None
    return saved


def delete(session: Session, business_id: UUID, filter_id: UUID) -> str:
    """Delete a saved filter; commits. Returns its name.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    with writing(session):
        saved = get(session, business_id, filter_id)
        name = saved.name
        session.delete(saved)
        choices.refresh(session, business_id)
    return name


def rename_label(session: Session, label: Label, name: str) -> None:
    """Let the filters by a group or tag follow it to its new name; the caller commits."""
    for saved in session.scalars(select(SavedFilter).where(SavedFilter.business_id == label.business_id)):
        if saved.params.get(label.kind.value) == label.name:
            saved.params = {**saved.params, label.kind.value: name}


def delete_of_label(session: Session, label: Label) -> None:
    """Delete the filters by a group or tag that goes: they would find nobody; the caller commits."""
    for saved in session.scalars(select(SavedFilter).where(SavedFilter.business_id == label.business_id)):
        if saved.params.get(label.kind.value) == label.name:
            session.delete(saved)


def _checked(name: str) -> str:
    name = normalise(name)
    if not name:
        raise InvalidFilter({"name": "Enter a name"})
    if len(name) > NAME_MAX:
        raise InvalidFilter({"name": f"The name must be {NAME_MAX} characters or fewer"})
    return name


def _taken(name: str) -> InvalidFilter:
    return InvalidFilter({"name": f"There is a saved filter {name} already"})
