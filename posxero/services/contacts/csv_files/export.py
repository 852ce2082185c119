"""A list of customers or suppliers as a CSV file, written a batch at a time. It can be imported again unchanged."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.domain import csv_cells, csv_columns
from posxero.domain.columns import values_of
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import KEYS
from posxero.domain.security_events import SecurityEventKind
from posxero.services import activity
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.sync_status.connection_status import ConnectionStatus

BATCH_SIZE: Final = 500  # contacts that are in memory at once
_LOWEST_ID: Final = UUID(int=0)
_COLUMNS: Final = [getattr(Contact, key) for key in KEYS]


def csv_lines(
    session: Session, business_id: UUID, asked: ListQuery, status: ConnectionStatus, *, now: datetime
) -> Iterator[str]:
    """Write the contacts of a list, those that were added first first, a line each.

    No transaction is open while lines are taken: the reader may be slow. It may hold a contact that is added meanwhile.

    Args:
        asked: The list; its page and order do not matter.
        status: The organisation whose links decide what a filter finds.
    """
    yield csv_cells.BYTE_ORDER_MARK + csv_cells.line(csv_columns.HEADINGS)
    last = _LOWEST_ID
    while ids := results.find_ids(session, business_id, asked, status, now, after=last, limit=BATCH_SIZE):
        rows = _load(session, business_id, ids)
        session.commit()
        last = ids[-1]
        for row in rows:
            yield csv_cells.line(csv_columns.cells_of(row.id, values_of(row)))


def record(session: Session, business_id: UUID, asked: ListQuery, *, by: Actor, now: datetime) -> None:
    """Record that somebody downloads a list, before it is sent. Commits."""
    words = asked.kind.many.capitalize()
    if asked.typed:
        words = f"{words} matching “{asked.typed}”"
    with writing(session):
        security_log.record(session, business_id, SecurityEventKind.EXPORTED, by=by, now=now, subject=words)
        columns: dict[str, Any] = {"actor": by.name, "note": words}
        activity.record_entry(session, business_id, ActivityKind.EXPORTED, now=now, **columns)


def _load(session: Session, business_id: UUID, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    chosen = (Contact.business_id == business_id, Contact.id.in_(ids))
    return session.execute(select(Contact.id, *_COLUMNS).where(*chosen).order_by(Contact.id)).all()
