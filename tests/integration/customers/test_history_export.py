"""The history as a file: of one customer and of the whole business, filtered, streamed and safe to open."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.security import SecurityEvent
from posxero.domain.enums import ActivityKind
from posxero.domain.security_events import SecurityEventKind
from posxero.services import activity
from posxero.services.contacts.history import export
from posxero.services.contacts.history.entries import HistoryFilter
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

FORMULA = "=1+1"


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    """Ann, with an edit of two fields and a push; Bo beside her with an edit, and an import of everybody."""
    contact = factories.add_contact(session, business)
    other = factories.add_contact(session, business, "Bo")
    edits = {"notes": ("", FORMULA), "email": ("old@x.example", "ann@x.example")}
    with writing(session):
        activity.record(session, contact, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes=edits)
        record(session, contact, ActivityKind.SENT, sent={"name": "Ann Smith"}, answer='{"raw": 1}', note="Noted.")
        activity.record(session, other, ActivityKind.EDITED, by="Zoë", now=LONG_AGO, changes={"phone": ("", "1")})
        activity.record_entry(session, business.id, ActivityKind.IMPORT_STARTED, now=LONG_AGO, note="Kiwi Ltd")
    return contact


def record(session: Session, contact: Contact, kind: ActivityKind, **more: Any) -> None:
    activity.record_entry(session, contact.business_id, kind, now=LONG_AGO, contact_id=contact.id, **more)


def rows_of(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.is_streamed
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_one_customer_as_a_file(sign_in: SignIn, bookkeeper: User, ann: Contact) -> None:
    answer = sign_in(bookkeeper).get(f"/customers/{ann.id}/history.csv")
    headings, sent, notes, email = rows_of(answer)
    assert headings == list(export.HEADINGS)
    assert sent[:9] == [
        "2026-11-01 22:30:00",
        "Ann Smith",
        "Retail POS",
        "Sent to Xero",
        "",
        "",
        "",
        "Noted.",
        "Name: Ann Smith",
    ]
    assert notes[1:7] == ["Ann Smith", "Sam", "Edited", "Notes", "", f"'{FORMULA}"]
    assert email[2:7] == ["Sam", "Edited", "Email", "old@x.example", "ann@x.example"]
    assert notes[9] == email[9] != sent[9]
    assert "raw" not in answer.text
    assert 'filename="history-' in answer.headers["Content-Disposition"]


def test_the_owner_gets_what_xero_answered(sign_in: SignIn, owner: User, ann: Contact) -> None:
    headings, sent, *_ = rows_of(sign_in(owner).get(f"/customers/{ann.id}/history.csv"))
    assert (headings[-1], sent[-1]) == ("Xero's response", '{"raw": 1}')


def test_the_whole_business_as_a_file(
    session: Session, sign_in: SignIn, bookkeeper: User, stranger: User, ann: Contact
) -> None:
    rows = rows_of(sign_in(bookkeeper).get("/customers/history.csv"))
    assert [row[1] for row in rows[1:]] == ["", "Bo", ann.name, ann.name, ann.name]
    assert rows[2][2] == "Zoë"
    assert len(rows_of(sign_in(stranger).get("/customers/history.csv"))) == 1
    session.rollback()
    events = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == SecurityEventKind.EXPORTED)).all()
    assert [event.subject for event in events] == ["History of everyone"] * 2


def test_the_filters_of_the_page_are_kept(sign_in: SignIn, bookkeeper: User, ann: Contact) -> None:
    browser = sign_in(bookkeeper)
    page = browser.get(f"/customers/{ann.id}/history?who=Sam&what=changes&field=email").text
    for path in (f"/customers/{ann.id}/history.csv", "/customers/history.csv"):
        address = f"{path}?what=changes&amp;who=Sam&amp;field=email"
        assert f'href="{address}"' in page
        rows = rows_of(browser.get(address.replace("&amp;", "&")))
        assert {(row[1], row[2]) for row in rows[1:]} == {("Ann Smith", "Sam")}


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("bookkeeper", 200), ("manager", 403), ("staff", 403)])
def test_owners_and_bookkeepers_take_out_everything(
    request: pytest.FixtureRequest, sign_in: SignIn, ann: Contact, role: str, status: int
) -> None:
    browser = sign_in(request.getfixturevalue(role))
    assert browser.get("/customers/history.csv").status_code == status
    page = browser.get(f"/customers/{ann.id}/history").text
    assert ("/customers/history.csv" in page) == (status == 200)
    assert f"/customers/{ann.id}/history.csv" in page


@pytest.mark.slow
def test_a_long_history_is_read_in_batches_of_flat_memory(
    session: Session,
    business: Business,
    ann: Contact,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    def peak() -> int:
        tracemalloc.start()
        count = sum(1 for _ in export.csv_lines(session, business, HistoryFilter(), contact_id=ann.id))
        _, high = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count > export.BATCH
        return high

    def add(number: int) -> None:
        row = {"business_id": business.id, "at": LONG_AGO, "kind": ActivityKind.EDITED, "contact_id": ann.id}
        changes = [["notes", "", "x" * 500]]
        with writing(session):
            activity.record_many(session, [{**row, "id": new_id(), "changes": changes} for _ in range(number)])

    add(2 * export.BATCH)
    peak()  # what is compiled once
    first = peak()
    add(3 * export.BATCH)
    with count_statements() as statements:
        assert peak() < 1.5 * first
    assert len([one for one in statements if one.startswith("SELECT")]) == 5 + 2
    assert not session.in_transaction()
