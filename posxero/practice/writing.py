"""PUT and POST of contacts: match, validate and store."""

import sqlite3
from dataclasses import dataclass
from uuid import UUID, uuid4

from posxero.practice import changes, records, rules, shapes
from posxero.practice.folding import tidy
from posxero.practice.shapes import Json

API_WRITE_DETAILS = "Received through the Xero API from Retail POS"


class UnknownContact(LookupError):
    """A ContactID was sent that the organisation does not have: Xero answers 404 for the whole request."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one element: the contact it was written to, or the validation errors."""

    sent: Json
    record: Json | None
    messages: list[str]

    def as_element(self, *, with_status: bool) -> Json:
        """Return the element of the answer; `with_status` adds its StatusAttributeString."""
        if self.messages or self.record is None:
            return shapes.refused_contact(self.sent, self.record, self.messages, with_status=with_status)
        return shapes.contact_for_write(self.record, with_status=with_status)


def write_contacts(
    database: sqlite3.Connection, tenant: str, elements: list[Json], *, create: bool, now: int
) -> list[Outcome]:
    """Write contacts one after the other, within the caller's transaction; valid ones are stored beside refused ones.

    `create` is PUT, which only makes new contacts; else a contact is found by its ContactID, then
    its ContactNumber, then its name.

    Raises:
        UnknownContact: Any ContactID is unknown; nothing was written.
        MalformedElement: Something cannot be read at all; nothing was written.
    """
    for element in elements:
        rules.validate(element)
        if create:
            _sent_id(element)
        else:
            _find_by_sent_id(database, tenant, element)
    return [_write_contact(database, tenant, element, create=create, now=now) for element in elements]


def edit_contact(database: sqlite3.Connection, tenant: str, record: Json, sent: Json, *, now: int) -> list[str]:
    """Change a contact as a user does in Xero, within the caller's transaction; return the validation errors.

    Here archived contacts may be edited too.
    """
    changed, messages = _apply_changes(database, tenant, record, sent)
    if not messages:
        changes.save_change(
            database, tenant, changed, changes.EDITED, user=changes.USER_NAME, details="Edited in Xero", at=now
        )
    return messages


def _write_contact(database: sqlite3.Connection, tenant: str, sent: Json, *, create: bool, now: int) -> Outcome:
    found = None if create else _find_match(database, tenant, sent)
    if found is not None and found["ContactStatus"] != records.ACTIVE:
        return Outcome(sent, found, [rules.MATCHED_ARCHIVED])
    creation_errors = _creation_errors(sent) if found is None else []
    if creation_errors:
        return Outcome(sent, None, creation_errors)
    base = found or rules.new_record(str(uuid4()))
    changed, messages = _apply_changes(database, tenant, base, sent)
    if messages:
        return Outcome(sent, found, messages)
    change = changes.EDITED if found else changes.CREATED
    changes.save_change(database, tenant, changed, change, user=records.SYSTEM_USER, details=API_WRITE_DETAILS, at=now)
    records.mark_written_by_api(database, changed["ContactID"])
    return Outcome(sent, changed, [])


def _apply_changes(database: sqlite3.Connection, tenant: str, base: Json, sent: Json) -> tuple[Json, list[str]]:
    """Return the changed contact, not stored yet, and the validation errors."""
    messages = rules.validate(sent)
    if messages:
        return base, messages
    changed = rules.apply_changes(base, sent)
    messages = _uniqueness_errors(database, tenant, base, changed)
    return (base, messages) if messages else (changed, [])


def _find_by_sent_id(database: sqlite3.Connection, tenant: str, sent: Json) -> Json | None:
    """Return the contact whose ContactID was sent, None if none was sent."""
    contact_id = _sent_id(sent)
    if not contact_id:
        return None
    found = records.get(database, tenant, contact_id)
    if found is None:
        raise UnknownContact(contact_id)
    return found


def _sent_id(sent: Json) -> str:
    """Return the ContactID that was sent, "" if none was sent.

    Raises:
        MalformedElement: It is no GUID.
    """
    sent_id = sent.get("ContactID")
    if not sent_id or sent_id == shapes.EMPTY_ID:
        return ""
    try:
        return str(UUID(sent_id))
    except (ValueError, AttributeError, TypeError) as error:
        raise rules.MalformedElement("ContactID") from error


def _find_match(database: sqlite3.Connection, tenant: str, sent: Json) -> Json | None:
    found = _find_by_sent_id(database, tenant, sent)
    if found is None and sent.get("ContactNumber"):
        found = records.by_number(database, tenant, str(sent["ContactNumber"]))
    if found is None and sent.get("Name"):
        found = next(iter(records.by_active_name(database, tenant, tidy(str(sent["Name"])))), None)
    return found


def _creation_errors(sent: Json) -> list[str]:
    if sent.get("Name"):
        return []
    return [rules.NAME_EMPTY if sent.get("ContactNumber") else rules.IDENTIFIER_MISSING]


def _uniqueness_errors(database: sqlite3.Connection, tenant: str, base: Json, changed: Json) -> list[str]:
    messages = []
    own = changed["ContactID"]
    name = changed["Name"]
    if name.casefold() != base["Name"].casefold():
        taken = records.by_active_name(database, tenant, name)
        if any(other["ContactID"] != own for other in taken):
            messages.append(rules.NAME_TAKEN.format(name=name))
    number = changed.get("ContactNumber", "")
    if number and number != base.get("ContactNumber"):
        other = records.by_number(database, tenant, number)
        if other is not None and other["ContactID"] != own:
            messages.append(rules.NUMBER_TAKEN)
    account = changed.get("AccountNumber", "")
    if account and account != base.get("AccountNumber"):
        holders = records.by_account(database, tenant, account)
        if any(other["ContactID"] != own for other in holders):
            messages.append(rules.ACCOUNT_TAKEN)
    persons = changed.get("ContactPersons")
    if persons and persons != base.get("ContactPersons") and not changed.get("EmailAddress"):
        messages.append(rules.PERSONS_NEED_EMAIL)
    return messages
