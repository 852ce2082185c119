"""Stage a page: one row for each contact of Xero, with all that matching and adding need."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import String, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.eligibility import flags, left_out
from posxero.domain.fields import MAPPED_KEYS, by_key
from posxero.domain.words import Decision, Outcome
from posxero.services.folded import folded
from posxero.services.imports.rows import TABLE
from posxero.xero import wire

LONGEST: Final = {key: cast("String", Contact.__table__.c[key].type).length or 0 for key in MAPPED_KEYS}
NAMELESS: Final = "It has no name. Name it in Xero and import again."
KEY: Final = ("business_id", "import_id", "xero_id")
READ_AGAIN: Final = ("name", "copy", "is_customer", "is_supplier", "name_key", "search_text", "email_key", "phone_keys")


def stage(session: Session, run: Import, country: str, contacts: Iterable[wire.Contact]) -> int:
    """Store the contacts of a page; the caller commits.

    A contact that was staged before takes what Xero says now, and is matched anew; what a
    person has decided about it stays.

    Returns:
        How many were new.
    """
    rows = {contact.contact_id: _row(run, country, contact) for contact in contacts if contact.contact_id.int}
    if not rows:
        return 0
    staged = list(rows.values())
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    connection = session.connection()  # beneath the ORM: it counts rows, and makes no objects
    new = connection.execute(insert(TABLE).on_conflict_do_nothing(index_elements=KEY), staged).rowcount
    if new < len(staged):
        connection.execute(_again(insert(TABLE)), staged)
    return new


def _again(insert: Any) -> Any:
    """Write the statement for contacts that were read before."""
    said = insert.excluded
    mine = ImportRow.decision.is_not(None) & ImportRow.doubtful & said.outcome.is_(None)
    values = {name: said[name] for name in READ_AGAIN} | {
        "contact_id": case((mine, ImportRow.contact_id), else_=said.contact_id),
        "outcome": said.outcome,
        "reason": case((mine, ImportRow.reason), else_=said.reason),
        "decision": case((mine, ImportRow.decision), else_=said.decision),
        "doubtful": mine,
    }
    return insert.on_conflict_do_update(index_elements=KEY, set_=values)


def _row(run: Import, country: str, contact: wire.Contact) -> dict[str, Any]:
    copy = wire.read_copy(contact)
    values = copy.values
    out = left_out(copy, with_suppliers=run.with_suppliers)
    wrong = "" if out else refusal(values)
    outcome = Outcome.LEFT_OUT if out else Outcome.REFUSED if wrong else None
    return {
        "business_id": run.business_id,
        "import_id": run.id,
        "xero_id": contact.contact_id,
        "name": values["name"],
        "copy": copy.to_json(),
        **flags(copy)._asdict(),
        **folded(values, country),
        "ours": _id(contact.contact_number),
        "contact_id": None if outcome else new_id(),
        "doubtful": False,
        "candidates": [],
        "reason": out or wrong,
        "decision": None if outcome else Decision.ADD,  # until matching knows better
        "outcome": outcome,
    }


def refusal(values: Mapping[str, str]) -> str:
    """Say why the values of a contact cannot be kept, in words; "" when they can."""
    if not values["name"].strip():
        return NAMELESS
    for key, longest in LONGEST.items():
        if len(values[key]) > longest:
            return f"{by_key(key).full_label} is longer than {longest} characters. Shorten it in Xero and import again."
    return ""


def _id(number: str | None) -> UUID | None:
    """Read a ContactNumber that looks like one of our ids."""
    try:
        return UUID(number) if number and len(number) == len(str(UUID(int=0))) else None
    except ValueError:
        return None
