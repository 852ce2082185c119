"""Stage a page: one row for each contact of Xero, with all that matching and adding need."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.eligibility import exclusion_reason, flags
from posxero.domain.enums import Decision, Outcome
from posxero.domain.fields import MAPPED_KEYS, by_key
from posxero.services.contacts.search.keys import search_columns
from posxero.services.drift.copies import Reading, refresh
from posxero.services.drift.invoices import balances
from posxero.services.imports import exclusions
from posxero.services.imports.statistics import analyze_new_tables
from posxero.services.imports.storing import store
from posxero.xero.contact_reading import balance_of, read_copy
from posxero.xero.shapes import Contact as XeroContact

COLUMN_LENGTHS: Final[dict[str, int]] = {key: cast("Any", Contact.__table__.c[key].type).length for key in MAPPED_KEYS}
MIN_COLUMN_LENGTH: Final = min(COLUMN_LENGTHS.values())
NAME_MISSING: Final = "It has no name. Give it one in Xero, then import again."


def stage(session: Session, run: Import, country: str, contacts: Iterable[XeroContact]) -> int:
    """Store the contacts of a page; the caller commits.

    Returns:
        How many were new.
    """
    rows = {contact.contact_id: _row(run, country, contact) for contact in contacts if contact.contact_id.int}
    exclusions.blank_erased(session, run, rows)
    new = store(session, list(rows.values())) if rows else 0
    analyze_new_tables(session, ImportRow.__tablename__)
    return new


def refresh_linked(session: Session, reading: Reading, *, now: datetime) -> None:
    """Refresh the copies and the balances of contacts that are linked already; the caller commits."""
    if refresh(session, reading, now=now, marks_gone=False):
        balances.write(session, balances.find_changed(session, reading))


def _row(run: Import, country: str, contact: XeroContact) -> dict[str, Any]:
    copy = read_copy(contact)
    values = copy.values
    out = exclusion_reason(copy, with_suppliers=run.with_suppliers)
    wrong = "" if out else refusal(values)
    outcome = Outcome.LEFT_OUT if out else Outcome.REFUSED if wrong else None
    return {
        "business_id": run.business_id,
        "import_id": run.id,
        "xero_id": contact.contact_id,
        "name": values["name"],
        "copy": copy.to_json(),
        **balance_of(contact),
        **flags(copy)._asdict(),
        **search_columns(values, country),
        "ours": _contact_id(contact.contact_number),
        "contact_id": None if outcome else new_id(),
        "kind_added": "",
        "needs_review": False,
        "candidates": [],
        "reason": out or wrong,
        "decision": None if outcome else Decision.ADD,  # until matching knows better
        "outcome": outcome,
    }


def refusal(values: Mapping[str, str]) -> str:
    """Return why the values of a contact cannot be kept, in words; "" when they can."""
    if not values["name"].strip():
        return NAME_MISSING
    if max(map(len, values.values())) <= MIN_COLUMN_LENGTH:
        return ""
    for key, max_length in COLUMN_LENGTHS.items():
        if len(values[key]) > max_length:
            label = by_key(key).full_label
            return f"{label} is longer than {max_length} characters. Shorten it in Xero, then import again."
    return ""


def _contact_id(number: str | None) -> UUID | None:
    """Read a ContactNumber that looks like one of our ids."""
    try:
        return UUID(number) if number and len(number) == len(str(UUID(int=0))) else None
    except ValueError:
        return None
