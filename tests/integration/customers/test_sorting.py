"""Orders other than by name, and filters by group and tag: right, and by an index, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from posxero.domain.kinds import ContactKind
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.sync_status.connection_status import load_connection_status
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


def names(session: Session, business: Business, **asked: Any) -> list[str]:
    status = load_connection_status(session, business.id)
    found = results.find(session, business.id, ListQuery(ContactKind.CUSTOMER, **asked), status, LONG_AGO)
    return [row.name for row in found.rows]


@pytest.fixture
def stocked(session: Session, business: Business) -> Business:
    """Three customers, the oldest last by name; two of one moment; one that is archived."""
    for days, name, more in (
        (0, "Zoe Ames", {"customer_code": "ann"}),
        (1, "Ann Best", {}),
        (1, "Ann Ames", {}),
        (2, "Joanna Hann", {}),
        (3, "Ann Gone", {"archived_at": LONG_AGO}),
    ):
        factories.add_contact(session, business, name, **more).created_at = LONG_AGO + timedelta(days=days)
    session.commit()
    return business


def test_the_newest_come_first(session: Session, stocked: Business) -> None:
    assert names(session, stocked) == ["Ann Ames", "Ann Best", "Joanna Hann", "Zoe Ames"]
    assert names(session, stocked, sort="newest") == ["Joanna Hann", "Ann Ames", "Ann Best", "Zoe Ames"]
    assert names(session, stocked, sort="newest", sync="archived") == ["Ann Gone"]
    assert names(session, stocked, sort="nonsense")[0] == "Ann Ames"


def test_what_was_found_is_sorted_too_after_the_exact_code(session: Session, stocked: Business) -> None:
    assert names(session, stocked, typed="ann") == ["Zoe Ames", "Ann Ames", "Ann Best", "Joanna Hann"]
    assert names(session, stocked, typed="ann", sort="newest") == ["Zoe Ames", "Joanna Hann", "Ann Ames", "Ann Best"]
    assert names(session, stocked, typed="ames", sort="newest") == ["Ann Ames", "Zoe Ames"]


@pytest.fixture
def sold(session: Session, business: Business) -> Business:
    """Three customers, of whom one never bought."""
    for name, owes, sold_on in (
        ("Ann", "20", date(2026, 11, 3)),
        ("Bob", "0", None),
        ("Cho", "100.50", date(2026, 10, 1)),
        ("Dee", "0", date(2026, 11, 20)),
    ):
        contact = factories.add_contact(session, business, name)
        contact.owes, contact.last_sold_on = Decimal(owes), sold_on
    session.commit()
    return business


def test_who_owes_most_and_who_bought_last_come_first(session: Session, sold: Business) -> None:
    assert names(session, sold, sort="balance") == ["Cho", "Ann", "Dee", "Bob"]
    assert names(session, sold, sort="last-sale") == ["Dee", "Ann", "Cho", "Bob"]
    assert names(session, sold, sort="balance", typed="an") == ["Ann"]


@pytest.fixture
def labelled(session: Session, business: Business) -> Business:
    """Thirty customers: half in Trade, a third with a tag."""
    for number in range(30):
        contact = factories.add_contact(session, business, f"Ann {number:02}")
        contact.customer_group = "Trade" if number % 2 else "Staff"
        contact.tags = "|20%_off|VIP|" if number % 3 == 0 else "|VIPs|"
    session.commit()
    return business


def test_groups_and_tags_narrow_a_list_and_a_search(session: Session, labelled: Business) -> None:
    trade = [f"Ann {number:02}" for number in range(1, 30, 2)]
    assert names(session, labelled, group="Trade") == trade
    assert names(session, labelled, group="Trade", sort="newest") == trade[::-1]
    assert names(session, labelled, tag="VIP") == [f"Ann {number:02}" for number in range(0, 30, 3)]
    assert names(session, labelled, tag="VIP", group="Trade", typed="ann 0") == ["Ann 03", "Ann 09"]
    assert names(session, labelled, tag="20%_off") == names(session, labelled, tag="VIP")
    assert names(session, labelled, tag="%") == names(session, labelled, group="trade%") == []
    assert names(session, labelled, tag="VIP", sort="balance", sync="none")[0] == "Ann 27"


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"group": "Trade"}, "ix_contact_group"),
        ({"tag": "VIP"}, "ix_contact_tagged"),
        ({"group": "Trade", "sort": "balance"}, "ix_contact_group"),
        ({"tag": "VIP", "sort": "newest"}, "ix_contact_tagged"),
        ({"sort": "balance"}, "ix_contact_owes"),
        ({"sort": "last-sale"}, "ix_contact_last_sold_on"),
    ],
    ids=str,
)
def test_a_list_is_read_off_its_index(session: Session, labelled: Business, asked: dict[str, str], index: str) -> None:
    plan = plan_of(session, ListQuery(ContactKind.CUSTOMER, **asked), labelled)  # type: ignore[arg-type]
    if session.connection().dialect.name == "postgresql":  # filters go by the number of rows, and there are thirty
        read = any(f"Index Only Scan Backward using {index}" in step for step in plan)
        assert read or "group" in asked or "tag" in asked, plan
        return
    page = plan[: next(at for at, step in enumerate(plan) if "SCAN page" in step)]
    assert any(f"USING COVERING INDEX {index}" in step for step in page), plan
    if len(asked) == 1:
        assert not any("TEMP B-TREE" in step for step in page), plan


def test_every_page_goes_on_where_the_last_ended(session: Session, business: Business) -> None:
    added = [factories.add_contact(session, business, f"Ann {number:02}").name for number in range(60)]
    pages = [names(session, business, sort="newest", page=page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [25, 25, 10]
    assert [name for page in pages for name in page] == added[::-1]


def plan_of(session: Session, asked: ListQuery, business: Business) -> list[str]:
    """Return the steps in which the database finds a page."""
    status = load_connection_status(session, business.id)
    connection, steps = session.connection(), list[str]()
    if connection.dialect.name == "postgresql":  # it reads few rows whole and sorts them; a shop has thousands
        for way in ("seqscan", "sort", "incremental_sort", "bitmapscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")

    def explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        cursor.execute(f"{EXPLAIN[connection.dialect.name]} {statement}", parameters)
        steps.extend(" ".join(map(str, row)) for row in cursor.fetchall())

    event.listen(connection, "before_cursor_execute", explain)
    results.find(session, business.id, asked, status, LONG_AGO)
    event.remove(connection, "before_cursor_execute", explain)
    return steps


def test_what_is_typed_is_found_by_the_index_of_the_search(session: Session, stocked: Business) -> None:
    plan = plan_of(session, ListQuery(ContactKind.CUSTOMER, typed="ann", sort="newest"), stocked)
    if session.connection().dialect.name == "sqlite":  # PostgreSQL goes by the number of rows, and there are five
        assert any("ix_contact_search" in step for step in plan), plan
        assert not any("ix_contact_newest" in step for step in plan), plan


@pytest.mark.parametrize("sync_state", ["", "synced", "archived"])
def test_the_newest_are_read_off_their_index(session: Session, business: Business, sync_state: str) -> None:
    kiwi = factories.add_connection(session, business)
    for number in range(30):
        factories.add_link(session, factories.add_contact(session, business, f"Ann {number:02}"), kiwi)
    plan = plan_of(session, ListQuery(ContactKind.CUSTOMER, sync=sync_state, sort="newest"), business)
    if session.connection().dialect.name == "postgresql":
        assert any("Index Only Scan Backward using ix_contact_newest" in step for step in plan), plan
        return
    page = plan[: next(at for at, step in enumerate(plan) if "SCAN page" in step)]
    assert any("USING COVERING INDEX ix_contact_newest" in step for step in page), plan
    assert not any("TEMP B-TREE" in step for step in page), plan
