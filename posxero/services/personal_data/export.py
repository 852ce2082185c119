"""Everything that is kept of one person as one file to hand over: a ZIP of tables that any spreadsheet opens."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.domain import csv_cells
from posxero.services.contacts.history import export as history
from posxero.services.contacts.history.entries import HistoryFilter
from posxero.services.personal_data import tables
from posxero.services.personal_data.person import Person, load_merged, load_person
from posxero.services.personal_data.tables import Row

README: Final = """What {business} keeps about {name}, as of {at} ({zone}).

Each file is a table. Any spreadsheet opens it.

Details.csv          what is kept in Retail POS now
In Xero.csv          what Xero, the bookkeeping system, last showed for this contact
History.csv          what was changed, sent to Xero and answered, when and by whom
Sales.csv            what was charged on account, line by line
Drafts.csv           changes that were typed but not saved; deleted after 7 days
Imports.csv          what imports from Xero and from files read; it is deleted some weeks after each import
Notes for Xero.csv   notes about changes for Xero's own history

Customers who were merged into this one are in the same tables. Their histories are in History 2.csv and so on.
"""
TABLES: Final[dict[str, Callable[[Session, Person, ZoneInfo], Iterable[Row]]]] = {
    "Details.csv": tables.details,
    "In Xero.csv": tables.in_xero,
    "Sales.csv": tables.sales,
    "Drafts.csv": tables.drafts,
    "Imports.csv": tables.imports,
    "Notes for Xero.csv": tables.notes,
}


def write_archive(
    session: Session, business: Business, contact: Contact, *, now: datetime, with_answers: bool
) -> bytes:
    """Write the file. Only what is compressed of it is in memory. Ends the transaction.

    Args:
        now: When, for the first page.
        with_answers: Add Xero's raw answers to the history.
    """
    zone, written = ZoneInfo(business.timezone or "UTC"), io.BytesIO()
    people = [load_person(session, one) for one in (contact, *load_merged(session, contact))]
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Read me.txt", _readme(business, contact, now, zone))
        for name, read in TABLES.items():
            _write(archive, name, _lines(row for one in people for row in read(session, one, zone)))
        for number, one in enumerate(people, 1):
            name, contact_id = "History.csv" if number == 1 else f"History {number}.csv", one.contact.id
            lines = history.csv_lines(
                session, business, HistoryFilter(), contact_id=contact_id, with_answers=with_answers
            )
            _write(archive, name, lines)
    return written.getvalue()


def _readme(business: Business, contact: Contact, now: datetime, zone: ZoneInfo) -> str:
    at = csv_cells.time_cell(now, zone)
    return README.format(business=business.name, name=contact.name, at=at, zone=zone.key)


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    yield csv_cells.BYTE_ORDER_MARK
    yield from map(csv_cells.line, rows)


def _write(archive: zipfile.ZipFile, name: str, lines: Iterable[str]) -> None:
    with archive.open(name, "w") as member:
        for line in lines:
            member.write(line.encode())
