"""Customers and suppliers: find one, save one."""

from collections.abc import Mapping
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
from posxero.domain.diff import Difference, changes, needs_push, without_reformatting
from posxero.domain.fields import KEYS, SENT_IF_EDITED
from posxero.domain.normalise import clean
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import conflicts, drafts, emptied_fields, rules
from posxero.services.contacts.conflicts import Changes
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.contacts.labels import checks as labels
from posxero.services.contacts.replaced_values import values_replaced
from posxero.services.contacts.search.keys import search_columns
from posxero.services.contacts.submissions import ContactSubmission, SaveResult
from posxero.services.errors import Erased, Merged, NotFound
from posxero.services.sync_status.badges import is_joined


def get(session: Session, business_id: UUID, contact_id: UUID, *, lock: bool = False) -> Contact:
    """Load a contact of a business.

    Args:
        lock: Read the row again and keep others from writing it until the transaction ends.

    Raises:
        NotFound: It is not there, or it is another business's.
        Erased: It is to be written, and its details were erased.
        Merged: It was merged into another.
    """
    query = select(Contact).where(Contact.business_id == business_id, Contact.id == contact_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(contact_id)
    if lock and found.erased_at is not None:
        raise Erased(contact_id)
    return _unmerged(found)


def _unmerged(contact: Contact) -> Contact:
    if contact.merged_into is not None:
        raise Merged(contact.name, contact.merged_into)
    return contact


def with_link(session: Session, business_id: UUID, contact_id: UUID, tenant_id: UUID) -> tuple[Contact, Link | None]:
    """Load a contact and its link to one organisation, in one statement.

    Raises:
        NotFound: It is not there, or it is another business's.
        Erased: Its details were erased.
        Merged: It was merged into another.
    """
    query = select(Contact, Link).outerjoin(Link, is_joined(tenant_id))
    row = session.execute(query.where(Contact.business_id == business_id, Contact.id == contact_id)).one_or_none()
    if row is None:
        raise NotFound(contact_id)
    if row[0].erased_at is not None:
        raise Erased(contact_id)
    return _unmerged(row[0]), row[1]


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
            asked = labels.changes_with_names(session, business.id, _changes_of(contact, form.values))
            changed = conflicts.resolve(
                session, contact, asked, typed=form.values, seen=form.seen, choices=form.choices
            )
            saved = SaveResult(contact, changed=False, owed=False)
            if changed:
                saved = _apply(session, business, contact, changed, form, by=by, now=now)
            if form.draft:
                drafts.delete_draft(session, form.draft, form.idempotency_key)
    except IntegrityError:  # the same code a moment earlier
        raise rules.CodeTaken(form.kind) from None
    if saved.owed:
        jobs.push(business.id, awaited=True)
    return saved


def _apply(
    session: Session,
    business: Business,
    contact: Contact,
    changed: Changes,
    form: ContactSubmission,
    *,
    by: str,
    now: datetime,
) -> SaveResult:
    """Check changes, write them into the contact and its history, and owe them to Xero; the caller commits."""
    values = values_of(contact) | {key: new for key, (_, new) in changed.items()}
    context = rules.context_of(business, form.kind, now)
    rules.check(
        session, business.id, values, context=context, changed=changed, but=contact.id, confirmed=form.confirmed
    )
    is_owed, replaced = _is_owed(session, contact, changed), list[Difference]()
    if is_owed:
        filled = _values_from_xero(session, contact, values, changed, form.empty_fields)
        changed = {**changed, **{key: ("", value) for key, value in filled.items()}}
        replaced = values_replaced(session, contact, {**values, **filled})
    write(session, business, contact, changed, now, by=by)
    if is_owed:
        owed.owe(session, contact, by=by, now=now)
    revision = contact.revision if is_owed else None
    activity.record(session, contact, form.event, by=by, now=now, changes=changed, revision=revision, note=form.note)
    return SaveResult(contact, changed=True, owed=is_owed, replaced=replaced)


def _is_owed(session: Session, contact: Contact, changed: Changes) -> bool:
    """Return whether Xero must hear of these changes; formatting alone goes only with what it must hear of anyway."""
    if needs_push(without_reformatting(changed)):
        return True
    return needs_push(changed) and owed.is_unsettled(session, contact)


def _values_from_xero(
    session: Session, contact: Contact, values: Mapping[str, str], changed: Changes, choice: EmptyFields
) -> dict[str, str]:
    """Return what the person lets be filled from Xero before this save is pushed."""
    emptied_now = [key for key, (_, after) in changed.items() if not after]
    return emptied_fields.values_to_add(session, contact, values, choice, emptied_now=emptied_now)


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
