"""A history with entries of every sort, for the pages that show them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from tests.support.times import now

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.contact import Contact

ADDRESS = {"street_line1": ("", "12 Karangahape Road"), "street_city": ("", "Auckland")}
NOTES = "Prefers to be called in the morning.\nPays on the 20th."
REFUSED = (
    "Another contact in Xero is called Taken Ltd. Change the name here, or rename or archive that contact in Xero."
)
ANSWER = '{"ContactID": "00000000-0000-0000-0000-000000000001", "Name": "Ann Smith", "EmailAddress": "ann@x.example"}'


def add_history(session: Session, contact: Contact, *, long: str) -> UUID:
    """Record a history of two pages; return the id of an entry whose version differs from the current one.

    Args:
        long: A value that hardly fits.
    """
    start = now() - timedelta(days=40)
    with writing(session):
        for day in range(30):
            phones = (f"03 555 {day:04}", f"03 555 {day + 1:04}")
            _edit(session, contact, start + timedelta(days=day), phone=phones)
        activity.erase_payloads(session, contact.business_id, contact.id)
        _edit(session, contact, start + timedelta(days=31), **ADDRESS)
        session.flush()
        newest = select(Activity.id).where(Activity.contact_id == contact.id).order_by(Activity.id.desc()).limit(1)
        version = session.scalars(newest).one()
        _exchange(session, contact, start + timedelta(days=32), long)
        _edit(session, contact, start + timedelta(days=33), notes=(NOTES, ""), birthday=("1990-05-24", ""))
        _edit(session, contact, start + timedelta(days=39), company_number=(long[:50], ""))
    return version


def _edit(session: Session, contact: Contact, at: datetime, **changes: tuple[str, str]) -> None:
    activity.record(session, contact, ActivityKind.EDITED, by="Mana", now=at, changes=changes)


def _exchange(session: Session, contact: Contact, at: datetime, long: str) -> None:
    """Let Xero take what it was sent, be changed by somebody there, and refuse."""
    sent = {"name": long, "email": "ann@x.example", "street_city": "Auckland"}
    for kind, changes, note in (
        (ActivityKind.SENT, [["name", contact.name, long], ["email", "", "ann@x.example"]], ""),
        (ActivityKind.CHANGED_IN_XERO, [["phone", "03 555 0001", "03 555 9999"]], ""),
        (ActivityKind.NOT_SENT, [], REFUSED),
    ):
        activity.record_entry(
            session,
            contact.business_id,
            kind,
            now=at,
            contact_id=contact.id,
            changes=changes,
            sent=None if kind is ActivityKind.CHANGED_IN_XERO else sent,
            answer=ANSWER,
            note=note,
        )
