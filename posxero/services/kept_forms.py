"""Contact forms that arrive after the sign-in ended are kept for the person, so that nothing typed is lost.

Whoever stands at the till can send a form over somebody else's ended sign-in. So only fields of the
field map are kept, which the person sees, each with its value, before sending the form again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from posxero.db.business import User, UserSession
from posxero.db.engine import writing
from posxero.db.kept_form import KeptForm
from posxero.domain.fields import KEYS
from posxero.domain.kinds import Kind
from posxero.domain.normalise import clean
from posxero.services import contacts
from posxero.services.errors import NotFound
from posxero.services.sign_in import hashed

KEPT = timedelta(hours=1)
COUNT_MAX = 10  # forms of one person
SIZE_MAX = 64 * 1024  # bytes of UTF-8, of all fields of one form


class TooLarge(Exception):
    """The form is larger than `SIZE_MAX`."""


@dataclass(frozen=True, kw_only=True)
class SentForm:
    """A contact form as it was sent: of a new contact where `contact_id` is None."""

    kind: Kind
    contact_id: UUID | None
    fields: Mapping[str, str]
    version: int
    token: str


def keep(session: Session, secret: str, sent: SentForm, *, now: datetime) -> KeptForm | None:
    """Keep the contact fields of a form, if the sign-in that ended is known.

    Args:
        secret: Of the sign-in that ended; "" for nobody.

    Returns:
        None when nothing was kept: the person is not known or was removed, the contact
        is not one of the business, or the form has no contact field.

    Raises:
        TooLarge: The form is larger than what is kept.
    """
    user = _user(session, secret)
    fields = _contact_fields(sent.fields)
    if user is None or not fields or not _is_known(session, user.business_id, sent.contact_id):
        return None
    if sum(len(value.encode()) for value in fields.values()) > SIZE_MAX:
        raise TooLarge
    form = KeptForm(
        business_id=user.business_id,
        user_id=user.id,
        kind=sent.kind,
        contact_id=sent.contact_id,
        fields=fields,
        version=sent.version,
        token=sent.token,
        kept_at=now,
    )
    with writing(session):
        session.add(form)
        session.flush()
        _delete_old(session, form)
    return form


def get(session: Session, business_id: UUID, user_id: UUID, form_id: UUID, *, now: datetime) -> KeptForm:
    """Load a form that was kept for this person.

    Raises:
        NotFound: There is none, it is too old, or it is another person's.
    """
    form = session.get(KeptForm, (business_id, form_id))
    if form is None or form.user_id != user_id or now - form.kept_at > KEPT:
        raise NotFound
    return form


def _user(session: Session, secret: str) -> User | None:
    found = session.get(UserSession, hashed(secret)) if secret else None
    return found.user if found and found.user.removed_at is None else None


def _is_known(session: Session, business_id: UUID, contact_id: UUID | None) -> bool:
    if contact_id is None:
        return True
    try:
        contacts.get(session, business_id, contact_id)
    except NotFound:
        return False
    return True


def _contact_fields(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the sent fields of the field map, as a save would clean them; a field that was not sent stays out."""
    cleaned = clean(sent)
    return {key: cleaned[key] for key in KEYS if key in sent}


def _delete_old(session: Session, newest: KeptForm) -> None:
    """Delete the business's expired forms, and the person's oldest beyond `COUNT_MAX`; the caller commits."""
    expired = KeptForm.kept_at < newest.kept_at - KEPT
    session.execute(delete(KeptForm).where(KeptForm.business_id == newest.business_id, expired))
    own = select(KeptForm.id).where(
        KeptForm.business_id == newest.business_id, KeptForm.user_id == newest.user_id, KeptForm.id != newest.id
    )
    beyond = session.scalars(own.order_by(KeptForm.kept_at.desc(), KeptForm.id.desc()).offset(COUNT_MAX - 1)).all()
    session.execute(delete(KeptForm).where(KeptForm.business_id == newest.business_id, KeptForm.id.in_(beyond)))
