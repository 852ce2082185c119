"""What a user does to a whole contact in Xero: archive, restore, merge, erase.

Xero's API can only archive. That a merge moves roles and invoices of the loser to the winner, whose timestamp stays,
and that an erasure removes personal details and keeps the name, is assumed; the statuses are Xero's.
"""

import sqlite3

from posxero.practice import changes, records, rules
from posxero.practice.invoices import invoice_records
from posxero.practice.shapes import Json

PERSONAL_FIELDS = ("FirstName", "LastName", "EmailAddress", "BankAccountDetails", "TaxNumber", "Website")


class ActionRefused(ValueError):
    """The contact is in a status from which the action cannot be taken; the message is for the user."""


def archive(database: sqlite3.Connection, tenant: str, record: Json, *, now: int) -> None:
    """Archive an active contact."""
    _require(record, records.ACTIVE)
    archived = record | {"ContactStatus": records.ARCHIVED}
    _save(database, tenant, archived, "Archived", "Archived in Xero", now)


def restore(database: sqlite3.Connection, tenant: str, record: Json, *, now: int) -> None:
    """Restore an archived contact, unless it was merged or its name is taken."""
    _require(record, records.ARCHIVED)
    if record.get("MergedToContactID"):
        raise ActionRefused("A merged contact cannot be restored.")
    if records.by_active_name(database, tenant, record["Name"]):
        raise ActionRefused(rules.NAME_TAKEN.format(name=record["Name"]))
    _save(database, tenant, record | {"ContactStatus": records.ACTIVE}, "Restored", "Restored in Xero", now)


def merge(database: sqlite3.Connection, tenant: str, record: Json, winner: Json | None, *, now: int) -> None:
    """Merge an active contact into another active one of the organisation, which then has its roles, too."""
    _require(record, records.ACTIVE)
    if winner is None or winner["ContactID"] == record["ContactID"]:
        raise ActionRefused("Choose another contact of the organisation.")
    _require(winner, records.ACTIVE)
    merged = record | {"ContactStatus": records.ARCHIVED, "MergedToContactID": winner["ContactID"]}
    _save(database, tenant, merged, "Merged", f"Merged into {winner['Name']}", now)
    invoice_records.move_to_contact(database, tenant, record["ContactID"], winner["ContactID"])
    roles = {role: winner[role] or record[role] for role in ("IsCustomer", "IsSupplier")}
    records.save(database, tenant, [winner | roles])
    details = f"{record['Name']} was merged into this contact"
    records.add_history(
        database, winner["ContactID"], at=now, changes="Merged", user=changes.USER_NAME, details=details
    )


def erase(database: sqlite3.Connection, tenant: str, record: Json, *, now: int) -> None:
    """Erase the personal details of a contact, on a request under the GDPR."""
    if record["ContactStatus"] == records.ERASED:
        raise ActionRefused("The contact is already erased.")
    kept = {key: value for key, value in record.items() if key not in PERSONAL_FIELDS}
    empty: Json = {"Phones": {}, "Addresses": {}, "ContactPersons": [], "BatchPayments": {}}
    erased = kept | empty | {"ContactStatus": records.ERASED}
    _save(database, tenant, erased, "Erased", "Personal details erased in Xero", now)


def _require(record: Json, status: str) -> None:
    if record["ContactStatus"] != status:
        raise ActionRefused(f"{record['Name']} is not {status.lower()}.")


def _save(database: sqlite3.Connection, tenant: str, record: Json, change: str, details: str, now: int) -> None:
    changes.save_change(database, tenant, record, change, user=changes.USER_NAME, details=details, at=now)
