"""What a request carries, stored before it is sent; and what may still land, once its outcome is unknown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm import Session

from posxero.db.push_state import PushState
from posxero.domain.unconfirmed import UnconfirmedRequest, add_request, drop_done_checks, next_check
from posxero.services.push.items import Creation, PushItem, read_unconfirmed
from posxero.settings import Timings


def record_in_flight(
    session: Session,
    table: type[PushState],
    rows: Sequence[tuple[PushState, PushItem]],
    timings: Timings,
    *,
    now: datetime,
) -> None:
    """Store what the new holder of each lease may send; the caller commits.

    A lease that was taken over has something in flight already: its last holder may have
    sent that, and it may still land.
    """
    values = [_in_flight_columns(row, item, timings, now) for row, item in rows]
    session.connection().execute(_statement(table), values)  # type: ignore[arg-type]  # classes are hashable


def unconfirmed_columns(unconfirmed: Sequence[UnconfirmedRequest]) -> dict[str, Any]:
    """Return the columns of a row that keep its unconfirmed requests."""
    return {"unconfirmed": [request.to_json() for request in unconfirmed], "verify_again_at": next_check(unconfirmed)}


def checked_columns(kept: Iterable[Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
    """Return the columns of a row whose item was read in Xero, or answered to a write, at `now`."""
    return unconfirmed_columns(drop_done_checks(read_unconfirmed(kept), now=now)) | {"refresh_due": False}


def unknown_columns(
    kept: Iterable[Mapping[str, Any]],
    values: Mapping[str, str],
    timings: Timings,
    *,
    now: datetime,
    creation: bool = False,
) -> dict[str, Any]:
    """Return the columns of a row for which a request with these values was sent and not answered."""
    unconfirmed = add_request(
        read_unconfirmed(kept), values, now=now, check_after=timings.verify_again, creation=creation
    )
    return unconfirmed_columns(unconfirmed) | {"verify_due": True}


@cache
def _statement(table: type[PushState]) -> Update:
    """Build the statement of a table, once: building costs more than running."""
    return (
        update(table.__table__)  # type: ignore[attr-defined]
        .where(table.business_id == bindparam("of_business"), table.id == bindparam("of_row"))
        .values(
            in_flight=bindparam("in_flight", type_=table.in_flight.type),
            unconfirmed=bindparam("unconfirmed", type_=table.unconfirmed.type),
            verify_again_at=bindparam("verify_again_at", type_=table.verify_again_at.type),
        )
    )


def _in_flight_columns(row: PushState, item: PushItem, timings: Timings, now: datetime) -> dict[str, Any]:
    unconfirmed = read_unconfirmed(row.unconfirmed)
    earlier = Creation.of(row)
    if row.in_flight:
        unconfirmed = add_request(unconfirmed, row.in_flight, now=now, check_after=timings.verify_again)
    elif row.in_flight is not None and earlier is not None:
        unconfirmed = add_request(unconfirmed, earlier.values, now=now, check_after=timings.verify_again, creation=True)
    columns = unconfirmed_columns(unconfirmed)
    checks = [at for at in (row.verify_again_at, columns["verify_again_at"]) if at is not None]
    return {
        "of_business": row.business_id,
        "of_row": row.id,
        "in_flight": {} if row.xero_id is None else {key: value for key, value in item.values.items() if value},
        **columns,
        "verify_again_at": min(checks, default=None),  # a check is done once Xero was read, not once it is claimed
    }
