"""The tables of the file that holds everything about one person: headings first, then rows of text."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from posxero.db.business import User
from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.draft import Draft
from posxero.db.history_note import HistoryNote
from posxero.db.import_ import Import, ImportRow
from posxero.db.sale import Sale, SaleLine
from posxero.db.xero_lookup import UnlinkedCopy
from posxero.domain import csv_cells
from posxero.domain.columns import values_of
from posxero.domain.copies import XeroCopy
from posxero.domain.fields import FIELDS, MAPPED
from posxero.services.personal_data.person import Person

Row = tuple[str, ...]
BATCH: Final = {"yield_per": 500}


def details(_session: Session, person: Person, zone: ZoneInfo) -> Iterator[Row]:
    """Yield every field, and what is kept besides."""
    contact, values = person.contact, values_of(person.contact)
    yield ("Field", "Value", "Recorded", "Recorded by")
    for field in FIELDS:
        at, source = None, ""
        if field.provenance:
            at, source = getattr(contact, field.provenance.at), getattr(contact, field.provenance.source)
        yield (field.full_label, field.kind.in_words(values[field.key]), _time(at, zone), source)
    kinds = {"customer": contact.is_customer, "supplier": contact.is_supplier}
    yield ("Kept as", " and ".join(kind for kind, yes in kinds.items() if yes), "", "")
    yield ("Limit on account", "" if contact.credit_limit is None else str(contact.credit_limit), "", "")
    for label, at in (
        ("Added", contact.created_at),
        ("Changed", contact.updated_at),
        ("Archived", contact.archived_at),
    ):
        yield (label, _time(at, zone), "", "")


def in_xero(session: Session, person: Person, zone: ZoneInfo) -> Iterator[Row]:
    """Yield what Xero last showed of the contact, and of those that it was linked to before."""
    yield ("Organisation", "Contact in Xero", "State", "As of", "Field", "Value")
    tables: tuple[tuple[Any, Any], ...] = ((Link, Link.copied_at), (UnlinkedCopy, UnlinkedCopy.unlinked_at))
    for table, at in tables:
        ours = (table.business_id == person.contact.business_id, table.contact_id == person.contact.id)
        for kept, read_at in session.execute(select(table, at).where(*ours)):
            state = kept.state.label if isinstance(kept, Link) else "Not linked any more"
            name = _organisation(session, person, kept.tenant_id)
            whole = (name, str(kept.xero_id or ""), state, _time(read_at, zone))
            for label, value in _of_copy(kept.copy):
                yield (*whole, label, value)


def sales(session: Session, person: Person, _zone: ZoneInfo) -> Iterator[Row]:
    """Yield the lines of every sale on account."""
    headings = ("Number", "Date", "Due", "Status", "Reference", "Description", "Quantity", "Price", "Amount", "Tax")
    yield (*headings, "Currency", "Total", "Paid", "Credited", "Still due", "Reason for going over the limit")
    pair = and_(SaleLine.business_id == Sale.business_id, SaleLine.sale_id == Sale.id)
    ours = (Sale.business_id == person.contact.business_id, Sale.contact_id == person.contact.id)
    query = select(Sale, SaleLine).join(SaleLine, pair).where(*ours).order_by(Sale.id, SaleLine.position)
    for sale, line in session.execute(query, execution_options=BATCH):
        head = (sale.number, sale.sold_on, sale.due_on, sale.status.label, sale.reference, line.description)
        amounts = (line.quantity, line.unit_price, line.amount, line.tax, sale.currency, sale.total)
        due = (sale.paid, sale.credited, sale.amount_due, sale.over_limit_reason)
        yield tuple(map(str, (*head, *amounts, *due)))


def drafts(session: Session, person: Person, zone: ZoneInfo) -> Iterator[Row]:
    """Yield what people typed into the contact's form and have not saved."""
    yield ("Typed by", "When", "Field", "Value")
    pair = and_(User.business_id == Draft.business_id, User.id == Draft.user_id)
    ours = (Draft.business_id == person.contact.business_id, Draft.contact_id == person.contact.id)
    for draft, name in session.execute(select(Draft, User.name).join(User, pair).where(*ours)):
        labels = {field.key: field.full_label for field in FIELDS}
        for key, value in draft.fields.items():
            yield (name, _time(draft.saved_at, zone), labels.get(key, key), str(value))


def imports(session: Session, person: Person, zone: ZoneInfo) -> Iterator[Row]:
    """Yield what imports read of the contact, and what became of it."""
    yield ("Imported from", "Import of", "Contact in Xero or row", "What became of it", "Why", "Field", "Value")
    contact = person.contact
    same = or_(ImportRow.contact_id == contact.id, ImportRow.xero_id.in_(person.xero_ids))
    run = and_(Import.business_id == ImportRow.business_id, Import.id == ImportRow.import_id)
    query = select(Import, ImportRow).join(ImportRow, run).where(ImportRow.business_id == contact.business_id, same)
    for read, row in session.execute(query.order_by(Import.id, ImportRow.xero_id), execution_options=BATCH):
        outcome = row.outcome.label if row.outcome else ""
        which = f"Row {row.xero_id.int}" if read.file_id else str(row.xero_id)
        whole = (read.organisation, _time(read.started_at, zone), which, outcome, row.reason)
        for label, value in _of_copy(row.copy):
            yield (*whole, label, value)


def notes(session: Session, person: Person, zone: ZoneInfo) -> Iterator[Row]:
    """Yield the notes about the contact for Xero's own history."""
    yield ("When", "Note", "Sent to Xero")
    ours = (HistoryNote.business_id == person.contact.business_id, HistoryNote.contact_id == person.contact.id)
    for note in session.scalars(select(HistoryNote).where(*ours).order_by(HistoryNote.id), execution_options=BATCH):
        yield (_time(note.created_at, zone), note.details, _time(note.sent_at, zone))


def _of_copy(kept: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    copy = XeroCopy.from_json(kept)
    for field in MAPPED:
        if copy.values[field.key]:
            yield field.full_label, copy.values[field.key]
    for kind, value in copy.attention.items():
        if value:
            yield f"Attention ({kind})", value


def _organisation(session: Session, person: Person, tenant_id: Any) -> str:
    named = select(Connection.name).where(
        Connection.business_id == person.contact.business_id, Connection.tenant_id == tenant_id
    )
    return session.scalar(named.order_by(Connection.id.desc()).limit(1)) or ""


def _time(at: datetime | None, zone: ZoneInfo) -> str:
    return csv_cells.time_cell(at, zone) if at else ""
