"""What a person began and has not saved, offered when the form opens again, with what others saved since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.draft import Draft
from posxero.domain.diff import changes
from posxero.domain.fields import KEYS
from posxero.services.contacts import conflicts, contacts, drafts
from posxero.services.contacts.drafts import DraftPlace


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
