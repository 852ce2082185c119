"""The history of a customer: pages that stay fast, filters in the address, and what an entry says."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind
from posxero.domain.history_topics import HistoryTopic
from posxero.services import activity
from posxero.services.contacts.history import entries
from posxero.services.contacts.history.entries import HistoryFilter
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

MANY = 10_000
EDIT = [["email", "", "ann@x.example"]]
ENTRY = re.compile(r'<li id="entry-')


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business)


def record(session: Session, contact: Contact, kind: ActivityKind, **more: Any) -> None:
    with writing(session):
        activity.record_entry(session, contact.business_id, kind, now=LONG_AGO, contact_id=contact.id, **more)


@pytest.fixture
def busy(session: Session, ann: Contact) -> Contact:
    """Ann, who was edited 60 times."""
    with writing(session):
        for number in range(60):
            changes = {"email": ("", f"ann{number:02}@x.example")}
            activity.record(session, ann, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes=changes)
    return ann


def test_the_customer_shows_the_latest_few_and_the_way_to_all(sign_in: SignIn, bookkeeper: User, busy: Contact) -> None:
    browser = sign_in(bookkeeper)
    shown = browser.get(f"/customers/{busy.id}").text
    assert len(ENTRY.findall(shown)) == entries.LATEST
    assert "ann59@x.example" in shown
    assert f'href="/customers/{busy.id}/history"' in shown
    assert f'href="/suppliers/{busy.id}/history"' in browser.get(f"/suppliers/{busy.id}").text


def test_older_and_newer_pages_follow_each_other(sign_in: SignIn, bookkeeper: User, busy: Contact) -> None:
    browser = sign_in(bookkeeper)
    address, pages = f"/suppliers/{busy.id}/history?q=an", []
    while address:
        page = browser.get(address).text
        pages.append(re.findall(r"ann(\d\d)@", page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert [len(numbers) for numbers in pages] == [25, 25, 10]
    assert [number for numbers in pages for number in numbers] == [f"{number:02}" for number in reversed(range(60))]
    for expected in pages[-2::-1]:
        newer = re.search(r'rel="prev" href="([^"]+)"', page)
        assert newer is not None
        page = browser.get(newer[1].replace("&amp;", "&")).text
        assert re.findall(r"ann(\d\d)@", page) == expected
    assert 'rel="prev"' not in page
    assert f'href="/suppliers/{busy.id}?q=an"' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"edited", "imported", "sent", "changed", "noted"}),
        ("what=changes", {"edited", "imported", "noted"}),
        ("what=sent", {"sent"}),
        ("what=in-xero", {"changed"}),
        ("who=Sam", {"edited", "noted"}),
        ("who=import", {"imported"}),
        ("who=xero", {"changed"}),
        ("who=retail-pos", {"sent"}),
        ("field=email", {"edited", "sent"}),
        ("field=street_line1", set[str]()),
        ("what=changes&who=Sam&field=notes", {"noted"}),
        ("what=nonsense&field=nonsense&before=nonsense", {"edited", "imported", "sent", "changed", "noted"}),
    ],
)
def test_the_filters_stand_in_the_address(
    session: Session, sign_in: SignIn, bookkeeper: User, ann: Contact, query: str, shown: set[str]
) -> None:
    email, notes = [["email", "", "a@x.example"]], [["notes", "", "x"]]
    record(session, ann, ActivityKind.IMPORTED, actor="Olive", import_id=uuid4(), note="imported-")
    record(session, ann, ActivityKind.EDITED, actor="Sam", changes=email, note="edited-")
    record(session, ann, ActivityKind.EDITED, actor="Sam", changes=notes, note="noted-")
    record(session, ann, ActivityKind.SENT, changes=email, note="sent-")
    record(session, ann, ActivityKind.CHANGED_IN_XERO, changes=[["phone", "", "1"]], note="changed-")
    page = sign_in(bookkeeper).get(f"/customers/{ann.id}/history?{query}").text
    assert set(re.findall(r"(edited|imported|sent|changed|noted)-<", page)) == shown
    if not shown:
        assert "Nothing in the history of Ann Smith matches." in page


def test_an_entry_says_who_what_was_replaced_and_what_was_sent(
    session: Session, sign_in: SignIn, owner: User, staff: User, ann: Contact
) -> None:
    changes = [["email", "old@x.example", "ann@x.example"]]
    sent = {"email": "ann@x.example", "birthday": "1990-05-24"}
    record(session, ann, ActivityKind.SENT, changes=changes, sent=sent, answer="raw <answer>")
    record(session, ann, ActivityKind.CHANGED_IN_XERO, changes=[["phone", "", "021 1"]])
    text = sign_in(owner).get(f"/customers/{ann.id}/history").text
    for said in (
        "Retail POS · Sent to Xero",
        "Replaced in Xero:",
        "Email: <del>old@x.example</del> → <ins>ann@x.example</ins>",
        "What was sent",
        "24 May 1990",
        "raw &lt;answer&gt;",
        "Xero · Changed in Xero",
        "Phone: empty → <ins>021 1</ins>",
    ):
        assert said in text, said
    text = sign_in(staff).get(f"/customers/{ann.id}/history").text
    assert "What was sent" in text
    assert "raw" not in text.split("</h1>")[1]


def test_an_entry_stays_when_its_details_are_gone(
    session: Session, business: Business, sign_in: SignIn, owner: User, ann: Contact
) -> None:
    changes = [["email", "", "ann@x.example"]]
    record(session, ann, ActivityKind.EDITED, actor="Sam", changes=changes)
    record(session, ann, ActivityKind.SENT, changes=changes, sent={"email": "ann@x.example"}, answer="raw answer")
    with writing(session):
        activity.empty_payloads(session, before=LONG_AGO + timedelta(days=1), limit=9)
    text = sign_in(owner).get(f"/customers/{ann.id}/history").text
    assert text.count("Details are no longer kept.") == 1
    assert text.count("<ins>ann@x.example</ins>") == 2
    assert "raw answer" not in text
    with writing(session):
        activity.erase_payloads(session, business.id, ann.id)
    text = sign_in(owner).get(f"/customers/{ann.id}/history").text
    assert text.count("Changed: Email. Details are no longer kept.") == 2
    assert "ann@x.example" not in text
    assert "Sam · Edited" in text


def test_every_kind_of_a_contact_belongs_to_one_topic() -> None:
    found = [kind for topic in HistoryTopic for kind in topic.kinds]
    about_the_business = {
        kind for kind in ActivityKind if re.match("import_|connect|disconnect|organisation_|exported", kind.value)
    }
    assert sorted(found) == sorted(set(ActivityKind) - about_the_business)


@pytest.fixture
def crowded(session: Session, business: Business, ann: Contact) -> Contact:
    """Ann with 10,000 entries, among those of others."""
    others = [factories.add_contact(session, business, f"Bo {number}") for number in range(20)]
    row = {"business_id": ann.business_id, "at": LONG_AGO, "kind": ActivityKind.EDITED, "actor": "Sam"}
    rows = [{**row, "id": new_id(), "contact_id": ann.id, "changes": EDIT} for _ in range(MANY)]
    rows += [{**row, "id": new_id(), "contact_id": one.id, "changes": []} for one in others for _ in range(MANY // 20)]
    with writing(session):
        activity.record_many(session, rows)
        if session.connection().dialect.name == "postgresql":  # SQLite goes by no statistics; they would stay
            session.execute(text("ANALYZE activity, activity_payload"))
    return ann


@contextmanager
def explained(engine: Engine) -> Iterator[list[str]]:
    """Collect the plans of the statements that read entries."""
    plans: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith("SELECT activity"):
            how = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
            plans.append(str(list(cursor.execute(how + statement, parameters))))

    yield plans
    event.remove(engine, "before_cursor_execute", _explain)


@pytest.mark.slow
def test_ten_thousand_entries_are_read_by_the_page(
    engine: Engine,
    session: Session,
    crowded: Contact,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    middle = entries.page(session, crowded.business_id, crowded.id, HistoryFilter()).entries[-1].id
    chosen = HistoryFilter(HistoryTopic.CHANGES, "Sam", "email")
    with count_statements() as statements, explained(engine) as plans:
        entries.latest(session, crowded.business_id, crowded.id)
        entries.page(session, crowded.business_id, crowded.id, HistoryFilter(), before=middle)
        entries.page(session, crowded.business_id, crowded.id, HistoryFilter(), after=middle)
        entries.page(session, crowded.business_id, crowded.id, chosen, before=middle)
    assert len(statements) == 4
    for plan in plans:
        assert "ix_activity_contact" in plan, plan
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "OFFSET" not in plan, plan
    _check_that_merged_entries_are_read_by_the_page_of_each(engine, session, crowded)


def _check_that_merged_entries_are_read_by_the_page_of_each(engine: Engine, session: Session, crowded: Contact) -> None:
    of_others = select(Activity.contact_id).where(Activity.contact_id != crowded.id).limit(1)
    other = session.scalars(of_others).one()
    assert other is not None
    with explained(engine) as plans:
        first = entries.page(session, crowded.business_id, crowded.id, HistoryFilter(), merged=[other])
        entries.page(
            session, crowded.business_id, crowded.id, HistoryFilter(), merged=[other], before=first.entries[-1].id
        )
        entries.latest(session, crowded.business_id, crowded.id, merged=[other])
    assert (len(first.entries), len(plans)) == (entries.PAGE_SIZE, 3)
    for plan in plans:
        assert plan.count("ix_activity_contact") == 2, plan
        assert plan.count("Limit") == 3 or "COVERING INDEX" in plan, plan


def test_a_page_of_the_history_takes_few_statements(
    sign_in: SignIn,
    bookkeeper: User,
    busy: Contact,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    browser = sign_in(bookkeeper)
    browser.get("/customers")
    with count_statements() as statements:
        browser.get(f"/customers/{busy.id}/history")
    asked = [statement for statement in statements if "FROM activity" in statement]
    assert len(asked) == 2, asked
