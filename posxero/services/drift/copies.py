"""Refresh the copies of links by what was read of Xero: the one place, for imports, webhooks, the poll and the walk.

Never a field of ours. A link that is owed or being pushed is left alone: its push will say what Xero holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.lease import lease_is_free
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import GONE_STATES
from posxero.domain.fields import MAPPED_KEYS
from posxero.domain.unconfirmed import UnconfirmedRequest
from posxero.services import activity
from posxero.services.drift.comparison import LinkedContact, Refreshed, refreshed
from posxero.services.owed import OWED
from posxero.xero.contact_reading import read_copy
from posxero.xero.refusals import raw_json
from posxero.xero.shapes import Contact as XeroContact

FACTS: Final = ("copied_at", "differs", "differs_since_linked", "state", "reason", "unconfirmed", "copy")
WRITTEN: Final = ("copy", "copied_at", "differs", "differs_since_linked", "state", "reason")
TABLE: Final[Table] = Link.__table__  # type: ignore[assignment]  # SQLAlchemy types it as any FROM clause
WRITE: Final = (
    TABLE.update()
    .where(TABLE.c.business_id == bindparam("of_business"), TABLE.c.id == bindparam("of_link"))
    .values({name: bindparam(name) for name in WRITTEN})
)


class Reading(NamedTuple):
    """What one call to Xero showed of contacts of one organisation.

    Attributes:
        business_id: Whose links are refreshed.
        tenant_id: The organisation.
        found: The contacts by id; None for one that Xero says it does not have.
        read_at: The database's time before Xero was asked.
    """

    business_id: UUID
    tenant_id: UUID
    found: Mapping[UUID, XeroContact | None]
    read_at: datetime

    def only(self, xero_ids: Sequence[UUID]) -> "Reading":
        """Return what was read of these contacts."""
        return self._replace(found={xero_id: self.found[xero_id] for xero_id in xero_ids})


def refresh(session: Session, reading: Reading, *, now: datetime, marks_gone: bool = True) -> set[UUID]:
    """Write the links that a reading changes, and their history; the caller commits.

    A row that another transaction is writing at the moment is left out.

    Args:
        session: In a transaction that writes.
        reading: Of contacts that may be linked.
        now: The database's time.
        marks_gone: Whether the state of a link follows Xero's; an import leaves it.

    Returns:
        Which contacts were looked at: they are linked, and their links are neither owed nor being written.
    """
    rows = session.execute(_links(reading, now).with_for_update(of=Link, skip_locked=True)).all()
    changes = list(_changes(rows, reading, marks_gone=marks_gone))
    if changes:
        session.execute(WRITE, [_parameters(reading, link, change) for link, change in changes])
    if entries := [_entry(reading, link, change, now) for link, change in changes if change.activity]:
        activity.record_many(session, entries)
    return {row.xero_id for row in rows}


def find_changed(session: Session, reading: Reading, *, now: datetime) -> set[UUID]:
    """Return the contacts whose links a refresh would write; locks nothing."""
    rows = session.execute(_links(reading, now)).all()
    return {link.xero_id for link, _ in _changes(rows, reading, marks_gone=True)}


def _links(reading: Reading, now: datetime) -> Select[Any]:
    """Select the links that nobody is writing, with what they are compared by."""
    ours = [getattr(Contact, key) for key in MAPPED_KEYS]
    facts = [getattr(Link, name) for name in FACTS]
    return (
        select(Link.id, Link.xero_id, Link.contact_id, OWED.label("owed"), *facts, Contact.tax_number_edited, *ours)
        .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
        .where(
            Link.business_id == reading.business_id,
            Link.tenant_id == reading.tenant_id,
            Link.xero_id.in_(list(reading.found)),
            or_(~OWED, Link.state.in_(GONE_STATES)),
            lease_is_free(Link, now),
        )
    )


def _changes(
    rows: Sequence[Row[Any]], reading: Reading, *, marks_gone: bool
) -> Iterator[tuple[LinkedContact, Refreshed]]:
    for row in rows:
        contact = reading.found[row.xero_id]
        link, copy = _linked_contact(row), None if contact is None else read_copy(contact)
        change = refreshed(link, copy, read_at=reading.read_at, marks_gone=marks_gone)
        if change is not None:
            yield link, change


def _linked_contact(row: Row[Any]) -> LinkedContact:
    return LinkedContact(
        id=row.id,
        xero_id=row.xero_id,
        contact_id=row.contact_id,
        owed=bool(row.owed),
        state=row.state,
        reason=row.reason,
        copy=XeroCopy.from_json(row.copy),
        copied_at=row.copied_at,
        differs=row.differs,
        differs_since_linked=row.differs_since_linked,
        unconfirmed=[UnconfirmedRequest.from_json(one) for one in row.unconfirmed],
        values={key: getattr(row, key) for key in MAPPED_KEYS},
        tax_number_edited=row.tax_number_edited,
    )


def _parameters(reading: Reading, link: LinkedContact, change: Refreshed) -> dict[str, Any]:
    return {"of_business": reading.business_id, "of_link": link.id, **change.columns}


def _entry(reading: Reading, link: LinkedContact, change: Refreshed, now: datetime) -> dict[str, Any]:
    contact = reading.found[link.xero_id]
    return {
        "business_id": reading.business_id,
        "id": new_id(),
        "at": now,
        "kind": change.activity,
        "contact_id": link.contact_id,
        "changes": list(change.changes),
        "note": change.note,
        "answer": "" if contact is None else raw_json(contact),
    }
