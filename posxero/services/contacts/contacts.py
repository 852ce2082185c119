"""Customers and suppliers: find one, save one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain import columns
from posxero.domain.columns import columns_of, provenance_of
from posxero.domain.diff import changes, needs_push
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import KEYS, SENT_IF_EDITED
from posxero.domain.kinds import ContactKind
from posxero.domain.normalise import clean
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import conflicts, drafts, emptied_fields, rules
from posxero.services.contacts.conflicts import Changes, Choices, Keep
from posxero.services.contacts.drafts import DraftPlace
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.contacts.search.keys import search_columns
from posxero.services.errors import NotFound
from posxero.services.sync_status.badges import is_joined


@dataclass(frozen=True, kw_only=True)
class ContactSubmission:
    """A submitted form: the fields as typed, and what came with them.

    A field that is missing stays as it is, and is empty for a new contact. `idempotency_key` makes a
    second press answer the first's result; `seen` is the version that the form was opened with;
    `confirmed` says that it is meant although another contact is like it; `choices` are what
    was kept where somebody else had saved the same fields; `empty_fields` is what to do about
    fields that are empty here and filled in Xero; `draft` is where the person's draft of this
    form is, which goes with the save; `kind` is whose form it is, for the words of what is wrong.
    """

    values: Mapping[str, str]
    idempotency_key: str = ""
    seen: int = 0
    confirmed: bool = False
    choices: Choices = field(default_factory=Choices)
    empty_fields: EmptyFields = EmptyFields.ASK
    draft: DraftPlace | None = None
    kind: ContactKind = ContactKind.CUSTOMER

    @property
    def kept(self) -> dict[str, str]:
        """The fields as typed, without those that were given up for what is saved."""
        return {key: value for key, value in self.values.items() if self.choices.keep.get(key) is not Keep.SAVED}


@dataclass(frozen=True)
class SaveResult:
    """What a save came to: the contact, whether anything changed, and whether Xero must hear of it."""

    contact: Contact
    changed: bool
    owed: bool


def get(session: Session, business_id: UUID, contact_id: UUID, *, lock: bool = False) -> Contact:
    """Load a contact of a business.

    Args:
        lock: Read the row anew and keep others from writing it until the transaction ends.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    query = select(Contact).where(Contact.business_id == business_id, Contact.id == contact_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(contact_id)
    return found


def with_link(session: Session, business_id: UUID, contact_id: UUID, tenant_id: UUID) -> tuple[Contact, Link | None]:
    """Load a contact and its link to one organisation, in one statement.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    query = select(Contact, Link).outerjoin(Link, is_joined(tenant_id))
    row = session.execute(query.where(Contact.business_id == business_id, Contact.id == contact_id)).one_or_none()
    if row is None:
        raise NotFound(contact_id)
    return row[0], row[1]


def values_of(contact: Contact) -> dict[str, str]:
    """Return the value of every field of a contact, by key."""
    return columns.values_of(contact)


def save(
    session: Session,
    business: Business,
    contact_id: UUID,
    form: ContactSubmission,
    *,
    by: str,
    now: datetime,
    jobs: JobQueue,
) -> SaveResult:
    """Save what was typed over a contact; commits, then enqueues a push.

    Raises:
        NotFound: It is not there, or it is another business's.
        Conflict: Someone saved it since the form was opened, and not all is chosen. Nothing is saved.
        InvalidContact: A changed field is wrong. Nothing is saved.
        DuplicateContact: Another has this name and email. Nothing is saved.
        WouldEmpty: The push would empty what Xero holds, unasked. Nothing is saved.
    """
    try:
        with writing(session):
            contact = get(session, business.id, contact_id, lock=True)
            typed = _changes_of(contact, form.values)
            changed = conflicts.resolve(
                session, contact, typed, typed=form.values, seen=form.seen, choices=form.choices
            )
            if changed:
                values = values_of(contact) | {key: new for key, (_, new) in changed.items()}
                context = rules.context_of(business, form.kind, now)
                rules.check(
                    session,
                    business.id,
                    values,
                    context=context,
                    changed=changed,
                    but=contact_id,
                    confirmed=form.confirmed,
                )
                changed = {**changed, **_values_from_xero(session, contact, values, changed, form.empty_fields)}
                write(session, business, contact, changed, now, by=by)
                _record(session, contact, changed, by=by, now=now)
            if form.draft:
                drafts.delete_draft(session, form.draft, form.idempotency_key)
    except IntegrityError:  # the same code a moment earlier
        raise rules.code_taken() from None
    is_owed = needs_push(changed)
    if is_owed:
        jobs.push(business.id, awaited=True)
    return SaveResult(contact, bool(changed), is_owed)


def _values_from_xero(
    session: Session, contact: Contact, values: Mapping[str, str], changed: Changes, choice: EmptyFields
) -> Changes:
    """Return what the person lets be filled from Xero before this save is pushed."""
    if not needs_push(changed):
        return {}
    emptied_now = [key for key, (_, after) in changed.items() if not after]
    added = emptied_fields.values_to_add(session, contact, values, choice, emptied_now=emptied_now)
    return {key: ("", value) for key, value in added.items()}


def _changes_of(contact: Contact, typed: Mapping[str, str]) -> Changes:
    tidy = clean(typed)
    return changes(values_of(contact), values_of(contact) | {key: tidy[key] for key in KEYS if key in typed})


def write(session: Session, business: Business, contact: Contact, changed: Changes, now: datetime, *, by: str) -> None:
    """Change a contact's fields and what is drawn from them, and raise its version; the caller commits."""
    stored = columns_of({key: new for key, (_, new) in changed.items()}) | provenance_of(changed, source=by, now=now)
    for column, value in stored.items():
        setattr(contact, column, value)
    for column, text in search_columns(values_of(contact), business.country).items():
        setattr(contact, column, text)
    contact.tax_number_edited = contact.tax_number_edited or not SENT_IF_EDITED.isdisjoint(changed)
    contact.version += 1
    contact.updated_at = now
    session.flush()


def _record(session: Session, contact: Contact, changed: Changes, *, by: str, now: datetime) -> None:
    """Write the change into the history, and owe it to Xero when a mapped field changed."""
    is_owed = needs_push(changed)
    if is_owed:
        owed.owe(session, contact, now=now)
    revision = contact.revision if is_owed else None
    activity.note(session, contact, ActivityKind.EDITED, by=by, now=now, changes=changed, revision=revision)
