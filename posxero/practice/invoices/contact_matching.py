"""The contact of an invoice: found by what was sent of it, changed or created by it."""

import sqlite3
from dataclasses import dataclass, field

from posxero.practice import records, writing
from posxero.practice.folding import tidy
from posxero.practice.invoices import invoice_rules, parsing
from posxero.practice.invoices.models import Invoice
from posxero.practice.rules import IDENTIFIER_MISSING, MalformedElement
from posxero.practice.shapes import Json

IDENTIFIERS = frozenset({"ContactID", "ContactNumber", "Name"})


@dataclass(frozen=True)
class ContactMatch:
    """The contact that was found, None if one is created; `details` are written to it."""

    record: Json | None = None
    details: Json = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


def find(database: sqlite3.Connection, tenant: str, sent: Json, held: Invoice | None) -> ContactMatch:
    """Find the contact of an invoice by ContactID, then ContactNumber, then the name of an active contact.

    Raises:
        MalformedElement: The Contact is no object, or its ContactID is no GUID.
    """
    contact = sent.get("Contact")
    if contact is None and held is not None:
        return ContactMatch(records.get(database, tenant, held.contact_id) or {"ContactID": held.contact_id})
    if contact is not None and not isinstance(contact, dict):
        raise MalformedElement("Contact")
    known = {key: value for key, value in (contact or {}).items() if value not in (None, "")}
    if not IDENTIFIERS & known.keys():
        return ContactMatch(messages=[IDENTIFIER_MISSING])
    contact_id = parsing.guid(known, "ContactID")
    found = _by_identifier(database, tenant, known, contact_id)
    if found is None and (contact_id or "Name" not in known):
        return ContactMatch(messages=[invoice_rules.CONTACT_UNKNOWN])
    is_same = held is not None and found is not None and found["ContactID"] == held.contact_id
    if found is not None and found["ContactStatus"] != records.ACTIVE and not is_same:
        return ContactMatch(found, messages=[invoice_rules.CONTACT_ARCHIVED])
    return ContactMatch(found, _details(known, found))


def write_contact(database: sqlite3.Connection, tenant: str, match: ContactMatch, *, now: int) -> tuple[str, list[str]]:
    """Write the details that were sent beside the identifiers; return the ContactID and the validation errors."""
    if match.record is not None and not match.details:
        return match.record["ContactID"], []
    (outcome,) = writing.write_contacts(database, tenant, [match.details], create=False, now=now)
    contact_id = outcome.record["ContactID"] if outcome.record else ""
    return contact_id, outcome.messages


def get(database: sqlite3.Connection, tenant: str, contact_id: str) -> Json:
    """Return the contact of an invoice, only its id if the contact was removed."""
    return records.get(database, tenant, contact_id) or {"ContactID": contact_id}


def _by_identifier(database: sqlite3.Connection, tenant: str, sent: Json, contact_id: str) -> Json | None:
    if contact_id:
        return records.get(database, tenant, contact_id)
    found = records.by_number(database, tenant, str(sent["ContactNumber"])) if "ContactNumber" in sent else None
    if found is None and "Name" in sent:
        found = next(iter(records.by_active_name(database, tenant, tidy(str(sent["Name"])))), None)
    return found


def _details(sent: Json, found: Json | None) -> Json:
    """Return what is written to the contact: all that was sent, and no persons where none were sent with it."""
    if found is None:
        return sent
    is_changed = any(key not in IDENTIFIERS or sent[key] != found.get(key) for key in sent.keys() - {"ContactID"})
    if not is_changed:
        return {}
    return {"ContactPersons": [{"FirstName": ""}]} | sent | {"ContactID": found["ContactID"]}
