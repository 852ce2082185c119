"""The history as a CSV file, written a batch of entries at a time."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.domain import csv_cells
from posxero.services.contacts.history import wording
from posxero.services.contacts.history.entries import HistoryFilter

BATCH: Final = 500  # entries that are in memory at once
HEADINGS: Final = (
    "Date and time",
    "Customer or supplier",
    "Who",
    "What happened",
    "Field",
    "Before",
    "After",
    "Details",
    "Sent to Xero",
    "Entry",
)
ANSWER_HEADING: Final = "Xero's response"


def csv_lines(
    session: Session,
    business: Business,
    chosen: HistoryFilter,
    *,
    contact_id: UUID | None = None,
    merged: Collection[UUID] = (),
    with_answers: bool = False,
) -> Iterator[str]:
    """Write the newest entries first, a line for each field that changed, or one where none did.

    No transaction is open while lines are taken: the reader may be slow.

    Args:
        contact_id: Whose entries; None for all of the business.
        merged: The contacts that were merged into it; their entries are listed too.
        with_answers: Add Xero's raw answers.
    """
    zone = ZoneInfo(business.timezone or "UTC")
    headings = (*HEADINGS, ANSWER_HEADING) if with_answers else HEADINGS
    yield csv_cells.BYTE_ORDER_MARK + csv_cells.line(headings)
    contact_ids = (contact_id, *merged) if contact_id else ()
    last: UUID | None = None
    while rows := _batch(session, business.id, chosen, contact_ids, last):
        last = rows[-1][0].id
        for entry, name in rows:
            for cells in _lines_of(entry, name or "", zone):
                yield csv_cells.line(cells if with_answers else cells[: len(HEADINGS)])


def _batch(
    session: Session, business_id: UUID, chosen: HistoryFilter, contact_ids: Collection[UUID], before: UUID | None
) -> Sequence[Row[Activity, str | None]]:
    query = (
        select(Activity, Contact.name)
        .outerjoin(Contact, and_(Contact.business_id == Activity.business_id, Contact.id == Activity.contact_id))
        .where(Activity.business_id == business_id, *chosen.conditions)
        .order_by(Activity.id.desc())
        .limit(BATCH)
    )
    if contact_ids:
        query = query.where(Activity.contact_id.in_(contact_ids))
    if before:
        query = query.where(Activity.id < before)
    rows = session.execute(query).all()
    session.commit()
    return rows


def _lines_of(entry: Activity, name: str, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    """Yield the cells of an entry's lines; what belongs to the whole entry stands in the first."""
    at = csv_cells.time_cell(entry.at, zone)
    who = (at, name, wording.actor_of(entry), wording.event_of(entry))
    details = " ".join(filter(None, (wording.note_of(entry), wording.emptied_note(entry))))
    sent = "; ".join(f"{field.full_label}: {field.kind.in_words(value)}" for field, value in wording.sent_values(entry))
    whole = (details, sent, str(entry.id), entry.raw)
    changes = wording.changes_of(entry)
    if not changes:
        yield (*who, "", "", "", *whole)
    for number, (field, before, after) in enumerate(changes):
        values = (field.full_label, field.kind.in_words(before), field.kind.in_words(after))
        yield (*who, *values, *(whole if number == 0 else ("", "", str(entry.id), "")))
