"""Carry a poll or a nightly walk forward: a pass over the list of Xero's contacts, in slices of a worker's time.

A poll reads what changed since the last poll that worked began, with an overlap: Xero filters by whole seconds, and its
clock is not ours. While Xero is away the same time stays, so that the pass after it catches up. A walk reads all.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.domain.drift_kinds import DriftKind
from posxero.services.drift import nightly_walk, pages
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.invoices import passes as invoice_passes
from posxero.services.drift.pages import MIN_PAGE_SIZE, Place
from posxero.services.drift.schedule import INVOICE_KINDS, lease_duration
from posxero.xero.errors import Incomplete, TooLarge, TooSlow
from posxero.xero.ports import XeroPorts

OVERLAP: Final = timedelta(minutes=2)

log = structlog.get_logger(__name__)


def run(session: Session, business_id: UUID, kind: DriftKind, ports: XeroPorts) -> bool:
    """Carry the claimed pass of a business forward for one slice.

    Returns:
        Whether another slice is needed at once.
    """
    if kind in INVOICE_KINDS:
        return invoice_passes.run(session, business_id, kind, ports)
    check = ClaimedCheck.load(session, business_id, kind, ports)
    if check is None:
        return False
    place = Place.of(check)
    return check.attempt(lambda: _run_slice(check, place), place=place.columns)


def _run_slice(check: ClaimedCheck, place: Place) -> bool:
    """Read pages until the last or until the slice is over; return whether the slice ended first."""
    while not check.is_slice_over:
        if not _is_anything_linked(check) or _read_page(check, place):
            _complete(check, place)
            return False
    check.settle(**place.columns(), lease_until=check.now() + lease_duration(check.ports.settings.timings))
    return True


def _read_page(check: ClaimedCheck, place: Place) -> bool:
    """Read the next page and store it; return whether it was the last.

    Raises:
        XeroError: The page was not read; one that is too large is asked for again, half as long.
    """
    read_at, since = check.now(), _modified_since(check, place)
    try:
        page = check.call(lambda client: client.contacts_page(place.page + 1, place.page_size, modified_since=since))
    except (TooLarge, TooSlow) as error:
        may_be_outage = isinstance(error, TooSlow) and not check.row.tries
        if not may_be_outage and place.page_size > MIN_PAGE_SIZE:
            place.restart(page_size=max(place.page_size // 2, MIN_PAGE_SIZE))
            return False
        raise
    if place.has_shrunk(page):
        place.restart()
        raise Incomplete("the list became shorter while it was read")
    pages.store(check, page, read_at=read_at)
    if check.row.kind is DriftKind.WALK:
        nightly_walk.note_seen(check, place, page)
    return place.advance(page)


def _complete(check: ClaimedCheck, place: Place) -> None:
    """Note that every page was read, and when the next pass is due; commits."""
    if check.row.kind is DriftKind.WALK:
        unseen = nightly_walk.look_for_unseen(check, place)
        log.info("drift.walked", business=str(check.row.business_id), contacts=place.item_count, unseen=unseen)
        due_at = nightly_walk.due_after(check)
    else:
        due_at = check.next_poll_at()
    check.record_success(began_at=place.began_at, due_at=due_at)


def _modified_since(check: ClaimedCheck, place: Place) -> datetime | None:
    """Return the time from which a poll reads; None for a walk, which reads everything."""
    if check.row.kind is DriftKind.WALK:
        return None
    return min(check.row.began_at or check.connection.connected_at, place.began_at) - OVERLAP


def _is_anything_linked(check: ClaimedCheck) -> bool:
    """Return whether there is a link to refresh; without one Xero need not be asked. Ends the transaction."""
    query = select(Link.id).where(Link.business_id == check.row.business_id, Link.tenant_id == check.row.tenant_id)
    found = check.session.scalar(query.limit(1)) is not None
    check.session.commit()
    return found
