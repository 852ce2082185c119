"""Drafts: what a person typed into a contact form and has not saved is kept for that person alone.

Only fields of the field map are kept, which the person sees before anything is saved: whoever stands
at the till can send a form over somebody else's ended sign-in (`draft_recovery`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Insert, and_, delete, exists, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.db.draft import IS_NEW, Draft
from posxero.db.engine import writing
from posxero.domain.fields import KEYS
from posxero.domain.kinds import ContactKind
from posxero.domain.normalise import clean
from posxero.services import form_submissions
from posxero.services.errors import Erased, NotFound

DRAFT_LIFETIME = timedelta(days=7)  # since it was last written
MAX_DRAFTS = 10  # drafts of one person
MAX_DRAFT_BYTES = 64 * 1024  # bytes of UTF-8, of all fields of one draft


class DraftTooLarge(Exception):
    """The form is larger than `MAX_DRAFT_BYTES`."""


@dataclass(frozen=True, kw_only=True)
class DraftPlace:
    """Where a draft belongs: a person's form of one contact, or of a new one of a kind."""

    business_id: UUID
    user_id: UUID
    kind: ContactKind
    contact_id: UUID | None

    @property
    def matches(self) -> ColumnElement[bool]:
        """The condition for the place's draft."""
        subject = Draft.contact_id == self.contact_id
        if self.contact_id is None:
            subject = and_(Draft.contact_id.is_(None), Draft.kind == self.kind)
        return and_(Draft.business_id == self.business_id, Draft.user_id == self.user_id, subject)


@dataclass(frozen=True, kw_only=True)
class SentForm:
    """A contact form as the browser sent it: of a new contact where `contact_id` is None."""

    kind: ContactKind
    contact_id: UUID | None
    fields: Mapping[str, str]
    version: int
    idempotency_key: str

    def contact_fields(self) -> dict[str, str]:
        """Return the sent fields of the field map, as a save would clean them; a field that was not sent stays out."""
        cleaned = clean(self.fields)
        return {key: cleaned[key] for key in KEYS if key in self.fields}

    def place(self, business_id: UUID, user_id: UUID) -> DraftPlace:
        """Return where a person's draft of this form belongs."""
        return DraftPlace(business_id=business_id, user_id=user_id, kind=self.kind, contact_id=self.contact_id)


def save_draft(session: Session, business_id: UUID, user_id: UUID, sent: SentForm, *, now: datetime) -> UUID | None:
    """Write a person's draft over the one before, in one statement; commits.

    Returns:
        The draft's id; None when the form has no contact field, so that nothing was written.

    Raises:
        NotFound: The contact is not one of the business.
        Erased: Its details were erased.
        DraftTooLarge: The form is larger than what is kept.
    """
    fields = sent.contact_fields()
    if not fields:
        return None
    if sum(len(value.encode()) for value in fields.values()) > MAX_DRAFT_BYTES:
        raise DraftTooLarge
    row = {"fields": fields, "version": sent.version, "idempotency_key": sent.idempotency_key, "saved_at": now}
    new = new_id()
    try:
        with writing(session):
            draft_id: UUID | None = session.scalar(_upsert(session, sent.place(business_id, user_id), new, row))
            if draft_id == new:
                _refuse_erased(session, business_id, sent.contact_id)
                _delete_beyond(session, business_id, user_id)
    except IntegrityError:  # the foreign key to the contact
        raise NotFound(sent.contact_id) from None
    return draft_id


def get(session: Session, business_id: UUID, user_id: UUID, draft_id: UUID, *, now: datetime) -> Draft:
    """Load one of a person's drafts.

    Raises:
        NotFound: There is none, it is too old, or it is another person's.
    """
    draft = session.get(Draft, (business_id, draft_id))
    if draft is None or draft.user_id != user_id or now - draft.saved_at > DRAFT_LIFETIME:
        raise NotFound
    return draft


def find(session: Session, place: DraftPlace, *, now: datetime) -> Draft | None:
    """Load the draft of a place, unless it is too old, or its form of a new contact was saved already."""
    draft = session.scalar(select(Draft).where(place.matches, Draft.saved_at >= now - DRAFT_LIFETIME))
    if draft is None or draft.contact_id is not None or not draft.idempotency_key:
        return draft
    return None if form_submissions.is_recorded(session, draft.business_id, draft.idempotency_key) else draft


def discard(session: Session, place: DraftPlace, idempotency_key: str = "") -> None:
    """Delete the draft of a place; commits.

    Args:
        idempotency_key: Of the form whose draft it must be; "" for any.
    """
    with writing(session):
        delete_draft(session, place, idempotency_key)


def delete_draft(session: Session, place: DraftPlace, idempotency_key: str = "") -> None:
    """Delete the draft of a place, as `discard` does; the caller commits."""
    which = [place.matches, Draft.idempotency_key == idempotency_key] if idempotency_key else [place.matches]
    session.execute(delete(Draft).where(*which).execution_options(synchronize_session=False))


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete every draft that is too old, of all businesses. Ends the transaction; writes only when there is one."""
    expired = Draft.saved_at < now - DRAFT_LIFETIME
    found = session.scalar(select(exists().where(expired)))
    session.commit()
    if found:
        with writing(session):
            session.execute(delete(Draft).where(expired).execution_options(synchronize_session=False))


def _refuse_erased(session: Session, business_id: UUID, contact_id: UUID | None) -> None:
    """Refuse the first draft of a contact whose details were erased; the insert waited for the erasure to end."""
    erased = (Contact.business_id == business_id, Contact.id == contact_id, Contact.erased_at.is_not(None))
    if contact_id is not None and session.scalar(select(Contact.id).where(*erased)) is not None:
        raise Erased(contact_id)


def _upsert(session: Session, place: DraftPlace, new: UUID, row: Mapping[str, Any]) -> Insert:
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite_insert if sqlite else postgresql_insert)(Draft).values(
        business_id=place.business_id,
        id=new,
        user_id=place.user_id,
        kind=place.kind,
        contact_id=place.contact_id,
        started_at=row["saved_at"],
        **row,
    )
    if place.contact_id is None:
        statement = insert.on_conflict_do_update(
            index_elements=["business_id", "user_id", "kind"], index_where=IS_NEW, set_=row
        )
    else:
        statement = insert.on_conflict_do_update(index_elements=["business_id", "user_id", "contact_id"], set_=row)
    return statement.returning(Draft.id)


def _delete_beyond(session: Session, business_id: UUID, user_id: UUID) -> None:
    """Delete a person's oldest drafts beyond `MAX_DRAFTS`; the caller commits."""
    own = (Draft.business_id == business_id, Draft.user_id == user_id)
    newest = select(Draft.id).where(*own).order_by(Draft.saved_at.desc(), Draft.id.desc())
    beyond = session.scalars(newest.offset(MAX_DRAFTS)).all()
    if beyond:
        session.execute(delete(Draft).where(*own, Draft.id.in_(beyond)).execution_options(synchronize_session=False))
