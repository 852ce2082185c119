"""Erase what was kept of a person outside its own row: staged rows, copies of Xero, searches, drafts, exclusions."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Link
from posxero.db.draft import Draft
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.import_ import ImportRow
from posxero.db.import_file import ImportFile
from posxero.db.saved_filter import SavedFilter
from posxero.db.xero_lookup import UnlinkedCopy, XeroSearch
from posxero.domain.copies import XeroCopy
from posxero.domain.erasure import ERASED_NAME
from posxero.domain.folding import email_key, name_key
from posxero.domain.redaction import Redactor
from posxero.services.imports import exclusions
from posxero.services.personal_data.person import Person, XeroKey
from posxero.services.push.links.merges import Survivor, SurvivorState

UNSYNCHRONISED: Final = {"synchronize_session": False}


def erase_staged_rows(session: Session, person: Person) -> None:
    """Blank the rows of a person in every import; the caller commits."""
    contact = person.contact
    same = [ImportRow.contact_id == contact.id, ImportRow.xero_id.in_(person.xero_ids)]
    email, name = email_key(contact.email), name_key(contact.name)  # not its columns: empty in who was merged
    if email:
        same.append(ImportRow.email_key == email)
    if name:
        email_unknown = or_(ImportRow.email_key == "", literal(not email))
        same.append(and_(ImportRow.name_key == name, email_unknown))
    exclusions.blank_rows(session, ImportRow.business_id == contact.business_id, or_(*same))


def erase_lookups(session: Session, person: Person) -> None:
    """Delete what was looked up in Xero: the answers of every search, for they last an hour; the caller commits."""
    contact = person.contact
    searches = or_(XeroSearch.contact_id == contact.id, XeroSearch.answered_at.is_not(None))
    copies = or_(UnlinkedCopy.contact_id == contact.id, UnlinkedCopy.xero_id.in_(person.xero_ids))
    for table, condition in ((XeroSearch, searches), (UnlinkedCopy, copies)):
        statement = delete(table).where(table.business_id == contact.business_id, condition)
        session.execute(statement.execution_options(**UNSYNCHRONISED))


def erase_survivors(session: Session, person: Person) -> None:
    """Empty what links of others keep of this contact, into which theirs were merged in Xero; the caller commits."""
    ours = (Link.business_id == person.contact.business_id, Link.survivor.is_not(None))
    for xero_id in person.xero_ids:
        named = cast(Link.survivor, Text).contains(str(xero_id))
        for link in session.scalars(select(Link).where(*ours, named).with_for_update()):
            merged_to = str((link.survivor or {}).get("merged_to", ""))
            link.survivor = Survivor(merged_to, xero_id, SurvivorState.ERASED, XeroCopy()).to_json()


def erase_drafts(session: Session, person: Person) -> None:
    """Delete the drafts of a contact, and those of new contacts with its name or email; the caller commits."""
    contact = person.contact
    mine = select(Draft.id, Draft.contact_id, Draft.fields).where(
        Draft.business_id == contact.business_id, or_(Draft.contact_id == contact.id, Draft.contact_id.is_(None))
    )
    names = {name_key(value) for key, value in person.identity if key == "name"}
    emails = {email_key(value) for key, value in person.identity if key == "email"}
    ids = [
        draft_id
        for draft_id, contact_id, fields in session.execute(mine)
        if contact_id
        or name_key(str(fields.get("name", ""))) in names
        or email_key(str(fields.get("email", ""))) in emails
    ]
    _delete(session, Draft, contact.business_id, Draft.id.in_(ids))


def exclude(session: Session, person: Person, *, by: str, now: datetime) -> None:
    """Leave its contacts of Xero out of every later import, without their names; the caller commits."""
    business_id = person.contact.business_id
    _delete(session, ExcludedContact, business_id, ExcludedContact.xero_id.in_(person.xero_ids))
    rows = [_exclusion(business_id, key, by, now) for key in sorted(person.xero_keys)]
    if rows:
        session.execute(insert(ExcludedContact), rows)


def erase_files(session: Session, business_id: UUID) -> None:
    """Delete every uploaded file of the business: its imports have read it. The caller commits."""
    _delete(session, ImportFile, business_id, literal(value=True))


def erase_filters(session: Session, person: Person, redactor: Redactor) -> None:
    """Delete the saved filters that name the person; the caller commits."""
    filters = session.scalars(select(SavedFilter).where(SavedFilter.business_id == person.contact.business_id)).all()
    for one in filters:
        texts = [one.name, *map(str, one.params.values())]
        if any(redactor.redact(text) != text for text in texts):
            session.delete(one)


def redact_reasons(session: Session, person: Person, redactor: Redactor) -> None:
    """Take the person's name, email and phones out of why rows of others failed; the caller commits."""
    tables: tuple[Any, ...] = (Link, ImportRow)
    for table in tables:
        for value in redactor.values:
            named = func.lower(table.reason).contains(value.lower(), autoescape=True)
            rows = session.scalars(select(table).where(table.business_id == person.contact.business_id, named))
            for row in rows:
                row.reason = redactor.redact(row.reason)
    session.flush()


def _exclusion(business_id: UUID, key: XeroKey, by: str, now: datetime) -> dict[str, Any]:
    return {
        "business_id": business_id,
        "id": new_id(),
        "tenant_id": key.tenant_id,
        "xero_id": key.xero_id,
        "name": ERASED_NAME,
        "excluded_by": by,
        "excluded_at": now,
        "is_erased": True,
    }


def _delete(session: Session, table: Any, business_id: UUID, condition: ColumnElement[bool]) -> None:
    statement = delete(table).where(table.business_id == business_id, condition)
    session.execute(statement.execution_options(**UNSYNCHRONISED))
