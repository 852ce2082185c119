"""Recover what was typed and not saved: drafts that are offered, and forms that came after the sign-in ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.business import User, UserSession
from posxero.db.contact import Contact
from posxero.db.draft import Draft
from posxero.domain.diff import changes
from posxero.domain.fields import KEYS
from posxero.services.accounts.sessions import hash_secret
from posxero.services.contacts import conflicts, contacts, drafts
from posxero.services.contacts.drafts import DraftPlace, SentForm
from posxero.services.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class DraftOffer:
    """A draft, and the form that continues it.

    `values` are what is saved now, with what the person typed over them. `version` is the one to
    save over: the draft's own where somebody else changed a field that the person changed too, so
    that the save asks whose value to keep.
    """

    draft: Draft
    values: Mapping[str, str]
    version: int
    typed: Mapping[str, tuple[str, str]]  # field key -> value saved now, value typed
    saves: tuple[Activity, ...]  # since the form was opened, the newest first


def for_contact(session: Session, place: DraftPlace, contact: Contact, *, now: datetime) -> DraftOffer | None:
    """Return the person's draft of a contact, unless all that it changed is saved."""
    draft = drafts.find(session, place, now=now)
    if draft is None:
        return None
    saved = contacts.values_of(contact)
    saves = conflicts.saves_since(session, contact, draft.version)
    before = {key: old for save in saves for key, old, _ in save.changes}  # the oldest save comes last
    touched = {key: new for key, (_, new) in changes(saved | before, draft.fields).items()}
    typed = changes(saved, touched)
    if not typed:
        return None
    version = contact.version if before.keys().isdisjoint(typed) else draft.version
    return DraftOffer(draft=draft, values=saved | touched, version=version, typed=typed, saves=tuple(saves))


def for_new(session: Session, place: DraftPlace, *, now: datetime) -> DraftOffer | None:
    """Return the person's draft of a new contact, unless it is empty."""
    draft = drafts.find(session, place, now=now)
    if draft is None:
        return None
    values = dict.fromkeys(KEYS, "") | draft.fields
    typed = {key: ("", value) for key, value in values.items() if value}
    return DraftOffer(draft=draft, values=values, version=0, typed=typed, saves=()) if typed else None


def keep_late_form(session: Session, secret: str, sent: SentForm, *, now: datetime) -> UUID | None:
    """Keep a form as the draft of the person whose sign-in ended, if that is known.

    Args:
        secret: Of the sign-in that ended; "" for nobody.

    Returns:
        The draft's id; None when nothing was kept: the person is not known or was removed, the
        contact is not one of the business, or the form has no contact field.

    Raises:
        DraftTooLarge: The form is larger than what is kept.
    """
    user = _user(session, secret)
    if user is None:
        return None
    try:
        return drafts.save_draft(session, user.business_id, user.id, sent, now=now)
    except NotFound:
        return None


def _user(session: Session, secret: str) -> User | None:
    found = session.get(UserSession, hash_secret(secret)) if secret else None
    return found.user if found and found.user.removed_at is None else None
