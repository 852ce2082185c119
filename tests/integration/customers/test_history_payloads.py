"""The history is append-only; only its payloads may be emptied, and the entries stay."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

import posxero
from posxero.db.activity import Activity, ActivityPayload
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from tests.support import factories
from tests.support.append_only import HistoryChanged
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.contact import Contact
    from tests.support.databases import Database

CHANGES = {"email": ("", "ann@x.example"), "notes": ("old", "")}


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    """A customer with a save of long ago, a push of then and one of today."""
    contact = factories.add_contact(session, business)
    with writing(session):
        activity.record(session, contact, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes=CHANGES, revision=2)
        for at in (LONG_AGO, now()):
            activity.record_entry(
                session,
                business.id,
                ActivityKind.SENT,
                now=at,
                contact_id=contact.id,
                changes=[["email", "", "ann@x.example"]],
                sent={"email": "ann@x.example"},
                answer='{"Contacts": []}',
            )
    return contact


def entries(session: Session) -> list[Activity]:
    session.expire_all()
    return list(session.scalars(select(Activity).order_by(Activity.id)))


def test_an_entry_keeps_its_values_beside_it(session: Session, ann: Contact) -> None:
    edited, sent, _ = entries(session)
    assert edited.contact_id == ann.id
    assert (edited.changes, edited.sent, edited.raw) == (
        [["email", "", "ann@x.example"], ["notes", "old", ""]],
        {},
        "",
    )
    assert edited.field_keys == " email notes "
    assert (sent.sent, sent.raw, sent.is_emptied) == ({"email": "ann@x.example"}, '{"Contacts": []}', False)


def test_pruning_removes_what_was_sent_and_answered_long_ago(session: Session, ann: Contact) -> None:
    with writing(session):
        assert activity.empty_payloads(session, before=now() - timedelta(days=7), limit=10) == 1
        assert activity.empty_payloads(session, before=now() - timedelta(days=7), limit=10) == 0
    edited, old, new = entries(session)
    assert (edited.changes, edited.is_emptied) == ([["email", "", "ann@x.example"], ["notes", "old", ""]], False)
    assert (old.sent, old.raw, old.changes, old.kind) == (
        {},
        "",
        [["email", "", "ann@x.example"]],
        ActivityKind.SENT,
    )
    assert old.is_emptied
    assert (new.raw, new.is_emptied, new.contact_id) == ('{"Contacts": []}', False, ann.id)


@pytest.mark.usefixtures("ann")
def test_pruning_goes_in_small_steps_the_oldest_first(session: Session) -> None:
    with writing(session):
        assert activity.empty_payloads(session, before=now() + timedelta(days=1), limit=1) == 1
    assert [bool(entry.raw) for entry in entries(session)] == [False, False, True]


@pytest.mark.usefixtures("ann")
def test_pruning_finds_the_oldest_by_an_index(
    session: Session, database: Database, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with writing(session), count_statements() as statements:
        activity.empty_payloads(session, before=now(), limit=10)
    (statement,) = statements
    assert "ORDER BY activity_payload.id" in statement
    if database.engine.dialect.name == "sqlite":
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM activity_payload WHERE answer <> '' OR sent IS NOT NULL ORDER BY id"
        )
        assert "USING INDEX ix_activity_payload_exchange" in str(plan.all())


def test_erasing_removes_every_value_of_one_contact(session: Session, business: Business, ann: Contact) -> None:
    other = factories.add_contact(session, business, "Bo")
    with writing(session):
        activity.record(session, other, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes=CHANGES)
    with writing(session):
        assert activity.erase_payloads(session, business.id, ann.id) == 3
    erased = [entry for entry in entries(session) if entry.contact_id == ann.id]
    assert [(entry.changes, entry.sent, entry.raw) for entry in erased] == [([], {}, "")] * 3
    assert all(entry.is_emptied for entry in erased)
    assert erased[0].field_keys == " email notes "
    assert [entry.changes for entry in entries(session) if entry.contact_id == other.id] != [[]]


def test_many_entries_are_added_in_two_statements(
    session: Session, ann: Contact, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    row = {"business_id": ann.business_id, "at": LONG_AGO, "kind": ActivityKind.LINKED, "contact_id": ann.id}
    with writing(session), count_statements() as statements:
        activity.record_many(session, [{**row, "changes": [["email", "", "x"]]}, {**row, "changes": []}])
    assert len(statements) == 2
    assert [entry.changes for entry in entries(session)][-2:] == [[["email", "", "x"]], []]


def test_every_test_refuses_a_changed_entry(session: Session, ann: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with this guard on both databases: see `tests.support.append_only`."""
    monkeypatch.setattr("tests.support.append_only.written_by_a_test", lambda: False)
    for statement in (
        update(Activity).values(note="x"),
        delete(Activity),
        update(ActivityPayload).values(answer=""),
        delete(ActivityPayload),
    ):
        with pytest.raises(HistoryChanged):
            session.execute(statement)
        session.rollback()
    entry = session.scalars(select(Activity)).first()
    assert entry is not None
    entry.note = "x"
    with pytest.raises(HistoryChanged):
        session.flush()
    session.rollback()
    with writing(session):
        assert activity.erase_payloads(session, ann.business_id, ann.id) == 3


def test_no_module_but_the_writer_names_a_change_of_the_history() -> None:
    package = Path(posxero.__file__).parent
    found = set()
    sources = {path: path.read_text("utf-8") for path in package.rglob("*.py")}
    for path in (path for path, source in sources.items() if "Activity" in source):
        for node in ast.walk(ast.parse(sources[path])):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"update", "delete"}:
                names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
                if names & {"Activity", "ActivityPayload"}:
                    found.add((str(path.relative_to(package)), node.func.id))
    assert found == {("services/activity.py", "update")}
