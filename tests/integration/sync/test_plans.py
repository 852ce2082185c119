"""Sync activity stays fast with 100,000 entries: few statements, each read off its index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from posxero.db.activity import Activity
from posxero.db.connection import Connection
from posxero.domain.enums import ActivityKind, LinkState
from posxero.services.push.feed.counts import count_rows, total
from posxero.services.push.feed.done import list_done
from posxero.services.push.feed.entries import PageRequest
from posxero.services.push.feed.filters import FeedFilter
from posxero.services.push.feed.position import FeedPosition
from posxero.services.push.feed.rows import RowRequest, list_rows
from posxero.services.push.feed.tabs import Tab
from posxero.services.sync_status.connection_status import load_connection_status
from tests.support import factories
from tests.support.plans import explained
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

INDEX_OF_TAB = {Tab.ATTENTION: "ix_link_attention", Tab.CHANGED: "ix_link_attention", Tab.WAITING: "ix_link_owed"}


@pytest.fixture
def busy(session: Session, business: Business) -> Business:
    """Customers that were sent, wait, were refused, and were changed in Xero; notes of each."""
    kiwi = factories.add_connection(session, business, history_notes=True)
    states: list[dict[str, Any]] = [
        {},
        {"sent_revision": 0},
        {"sent_revision": 0, "state": LinkState.PARKED},
        {"differs": True},
    ]
    for number, columns in enumerate(states):
        contact = factories.add_contact(session, business, f"Customer {number}")
        link = factories.add_link(session, contact, kiwi, **{"owed_at": LONG_AGO, **columns})
        factories.add_note(session, link, sent_revision=1, sent_at=LONG_AGO)
        session.add(Activity(business_id=business.id, at=LONG_AGO, kind=ActivityKind.SENT, contact_id=contact.id))
    session.commit()
    return business


def assert_read_off(plan: list[str], index: str) -> None:
    """Fail unless a table of the plan is read off the index, and none is read whole."""
    assert any(index in step for step in plan), plan
    whole = [step for step in plan if step.startswith(("SCAN link", "SCAN activity", "SCAN history_note"))]
    assert [step for step in whole if "INDEX" not in step] == [], plan


@pytest.mark.parametrize("tab", [Tab.ATTENTION, Tab.CHANGED, Tab.WAITING])
def test_rows_are_found_by_a_partial_index(session: Session, busy: Business, tab: Tab) -> None:
    status = load_connection_status(session, busy.id)
    counts = count_rows(session, status, busy.id)
    request = RowRequest(busy.id, status, tab, counts, FeedFilter(), PageRequest())
    with explained(session) as plans:
        list_rows(session, request, now=LONG_AGO)
    assert_read_off(plans[0], INDEX_OF_TAB[tab])


@pytest.mark.parametrize("after", [None, FeedPosition(0, LONG_AGO, UUID(int=1))])
@pytest.mark.parametrize("person", ["", "Mia"])
def test_what_was_done_is_read_in_order_off_its_index(
    session: Session, busy: Business, after: FeedPosition | None, person: str
) -> None:
    with explained(session) as plans:
        list_done(session, busy.id, FeedFilter(person=person), PageRequest(after))
    notes, entries = plans
    assert_read_off(notes, "ix_history_note_sent")
    assert_read_off(entries, "ix_activity_done_by" if person else "ix_activity_done")
    assert not any("TEMP B-TREE" in step for step in [*notes, *entries]), plans


def test_the_numbers_of_the_tabs_are_counted_off_partial_indexes(session: Session, busy: Business) -> None:
    status = load_connection_status(session, busy.id)
    with explained(session) as plans:
        assert total(count_rows(session, status, busy.id)) == (2, 1, 1, 1)
    (plan,) = plans
    for index in ("ix_link_attention", "ix_link_owed", "ix_link_parked", "ix_history_note_stuck"):
        assert_read_off(plan, index)


@pytest.mark.parametrize(("state", "most"), [("attention", 5), ("waiting", 5), ("changed", 4), ("done", 4)])
def test_a_poll_takes_few_statements_however_many_rows_it_shows(
    sign_in: Callable[[User], Browser],
    session: Session,
    busy: Business,
    owner: User,
    count_statements: Callable[[], object],
    state: str,
    most: int,
) -> None:
    tenant = session.query(Connection).one()
    for number in range(30):
        contact = factories.add_contact(session, busy, f"More {number:02}")
        columns: dict[str, Any] = (
            {"state": LinkState.PARKED} if state == "attention" else {"differs": state == "changed"}
        )
        factories.add_link(session, contact, tenant, sent_revision=0 if state == "waiting" else 1, **columns)
        session.add(Activity(business_id=busy.id, at=LONG_AGO, kind=ActivityKind.SENT, contact_id=contact.id))
    session.commit()
    browser = sign_in(owner)
    with count_statements() as statements:  # type: ignore[attr-defined]
        page = browser.part(f"/sync/latest?state={state}", "div#activity").text
    assert page.count('id="row-') == 25
    tables = ("FROM link", "FROM activity", "FROM history_note", "FROM connection", "FROM import")
    selects = [one for one in statements if any(table in one for table in tables)]
    assert len(selects) <= most, selects
