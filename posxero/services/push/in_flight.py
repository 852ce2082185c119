"""What a request carries, stored before it is sent; and what may still land, once its outcome is unknown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.domain.doubts import Doubt, add_doubt, after_check, next_check
from posxero.domain.fields import MAPPED_KEYS
from posxero.services.push.creation import Creation
from posxero.settings import Timings

RECORD = (
    update(Link.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
    .where(Link.business_id == bindparam("of_business"), Link.id == bindparam("of_link"))
    .values(
        in_flight=bindparam("in_flight", type_=Link.in_flight.type),
        doubted=bindparam("doubted", type_=Link.doubted.type),
        verify_again_at=bindparam("verify_again_at", type_=Link.verify_again_at.type),
    )
)


def read_doubts(kept: Iterable[Mapping[str, Any]]) -> tuple[Doubt, ...]:
    """Read the doubts of a link."""
    return tuple(Doubt.from_json(one) for one in kept)


def record_in_flight(
    session: Session, rows: Sequence[tuple[Link, Contact]], timings: Timings, *, now: datetime
) -> None:
    """Store what the new holder of each lease may send; the caller commits.

    A lease that was taken over has something in flight already: whoever held it may have
    sent that, and it may still land.
    """
    session.connection().execute(RECORD, [_recorded(link, contact, timings, now) for link, contact in rows])


def doubt_columns(doubts: Sequence[Doubt]) -> dict[str, Any]:
    """Return the columns of a link that keep its doubts."""
    return {"doubted": [doubt.to_json() for doubt in doubts], "verify_again_at": next_check(doubts)}


def checked_columns(kept: Iterable[Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
    """Return the columns of a link whose contact was read in Xero, or answered to a write, at `now`."""
    return doubt_columns(after_check(read_doubts(kept), now=now)) | {"refresh_due": False}


def unknown_columns(
    kept: Iterable[Mapping[str, Any]],
    values: Mapping[str, str],
    timings: Timings,
    *,
    now: datetime,
    creation: bool = False,
) -> dict[str, Any]:
    """Return the columns of a link for which a request with these values was sent and not answered."""
    doubts = add_doubt(read_doubts(kept), values, now=now, check_after=timings.verify_again, creation=creation)
    return doubt_columns(doubts) | {"verify_due": True}


def _recorded(link: Link, contact: Contact, timings: Timings, now: datetime) -> dict[str, Any]:
    doubts = read_doubts(link.doubted)
    earlier = Creation.of(link)
    if link.in_flight:
        doubts = add_doubt(doubts, link.in_flight, now=now, check_after=timings.verify_again)
    elif link.in_flight is not None and earlier is not None:
        doubts = add_doubt(doubts, earlier.values, now=now, check_after=timings.verify_again, creation=True)
    return {
        "of_business": link.business_id,
        "of_link": link.id,
        "in_flight": {} if link.xero_id is None else values_of(contact),
        **doubt_columns(doubts),
    }


def values_of(contact: Contact) -> dict[str, str]:
    """Return the mapped fields of a contact that are not empty, by key."""
    return {key: value for key in MAPPED_KEYS if (value := getattr(contact, key))}
