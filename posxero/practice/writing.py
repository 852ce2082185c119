"""PUT and POST of contacts: which contact is meant, what is refused, what is stored."""

import sqlite3
from dataclasses import dataclass
from uuid import UUID, uuid4

from posxero.practice import records, rules, shapes
from posxero.practice.folding import tidy
from posxero.practice.shapes import Json

USER = "Pat Practice"
FROM_APP = "Received through the Xero API from Retail POS"


class UnknownContact(LookupError):
    """A ContactID was sent that the organisation does not have: Xero answers 404 for the whole request."""


@dataclass(frozen=True)
class Outcome:
    """One element's fate: the contact it became or met, and why it was refused, if it was."""

    sent: Json
    record: Json | None
    messages: list[str]

    def shape(self, *, verdict: bool) -> Json:
        """Return the element of the answer; `verdict` adds its StatusAttributeString."""
        if self.messages or self.record is None:
            return shapes.refused(self.sent, self.record, self.messages, verdict=verdict)
        return shapes.written(self.record, verdict=verdict)


def write(database: sqlite3.Connection, tenant: str, elements: list[Json], *, create: bool, now: int) -> list[Outcome]:
    """Write contacts one after the other, within the caller's transaction; good ones go in beside refused ones.

    `create` is PUT, which only makes new contacts; else a contact is found by its ContactID, then
    its ContactNumber, then its name.

    Raises:
        UnknownContact: Any ContactID is unknown; nothing was written.
        MalformedElement: Something cannot be read at all; nothing was written.
    """
    for element in elements:
        rules.broken(element)
        if create:
            _sent_id(element)
        else:
            _named(database, tenant, element)
    return [_write_one(database, tenant, element, create=create, now=now) for element in elements]


def edit_in_xero(database: sqlite3.Connection, tenant: str, record: Json, sent: Json, *, now: int) -> list[str]:
    """Change a contact as its user does in Xero, within the caller's transaction; say why not, if not.

    Here archived contacts may be edited too.
    """
    _, messages = _change(database, tenant, record, sent, now=now)
    if not messages:
        records.note(database, record["ContactID"], at=now, changes="Edited", user=USER, details="Edited in Xero")
    return messages


def _write_one(database: sqlite3.Connection, tenant: str, sent: Json, *, create: bool, now: int) -> Outcome:
    found = None if create else _meant(database, tenant, sent)
    if found is not None and found["ContactStatus"] != records.ACTIVE:
        return Outcome(sent, found, [rules.MATCHED_ARCHIVED])
    unfit = _cannot_be_new(sent) if found is None else []
    if unfit:
        return Outcome(sent, None, unfit)
    base = found or rules.blank(str(uuid4()))
    changed, messages = _change(database, tenant, base, sent, now=now)
    if messages:
        return Outcome(sent, found, messages)
    kind = "Edited" if found else "Created"
    records.note(database, changed["ContactID"], at=now, changes=kind, user="System Generated", details=FROM_APP)
    records.mark_written(database, changed["ContactID"])
    return Outcome(sent, changed, [])


def _change(database: sqlite3.Connection, tenant: str, base: Json, sent: Json, *, now: int) -> tuple[Json, list[str]]:
    """Store a contact changed by what was sent, or say why not."""
    messages = rules.broken(sent)
    if messages:
        return base, messages
    changed = rules.change(base, sent)
    messages = _clashes(database, tenant, base, changed)
    if messages:
        return base, messages
    changed["UpdatedDateUTC"] = now
    records.keep(database, tenant, [changed])
    return changed, []


def _named(database: sqlite3.Connection, tenant: str, sent: Json) -> Json | None:
    """Return the contact whose ContactID was sent, None where none was."""
    contact_id = _sent_id(sent)
    if not contact_id:
        return None
    found = records.get(database, tenant, contact_id)
    if found is None:
        raise UnknownContact(contact_id)
    return found


def _sent_id(sent: Json) -> str:
    """Return the ContactID that was sent, "" where none was.

    Raises:
        MalformedElement: It is no GUID.
    """
    sent_id = sent.get("ContactID")
    if not sent_id or sent_id == shapes.NOBODY:
        return ""
    try:
        return str(UUID(sent_id))
    except (ValueError, AttributeError, TypeError) as error:
        raise rules.MalformedElement("ContactID") from error


def _meant(database: sqlite3.Connection, tenant: str, sent: Json) -> Json | None:
    found = _named(database, tenant, sent)
    if found is None and sent.get("ContactNumber"):
        found = records.by_number(database, tenant, str(sent["ContactNumber"]))
    if found is None and sent.get("Name"):
        found = next(iter(records.by_active_name(database, tenant, tidy(str(sent["Name"])))), None)
    return found


def _cannot_be_new(sent: Json) -> list[str]:
    if sent.get("Name"):
        return []
    return [rules.NAME_EMPTY if sent.get("ContactNumber") else rules.NOTHING_NAMED]


def _clashes(database: sqlite3.Connection, tenant: str, base: Json, changed: Json) -> list[str]:
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
