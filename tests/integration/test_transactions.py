"""Transactions that write: on SQLite each takes the write lock when it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from posxero.db import engine as db_engine
from posxero.db.business import Business
from posxero.db.engine import DeferredWrite, begin_writing, prepare, refuse_deferred_writes, writing, writing_in_batches
from posxero.queue import JobQueue
from posxero.services.accounts import businesses, passwords, sign_in, users
from posxero.services.accounts.sign_in import Client, WrongCredentials
from posxero.services.accounts.throttle.counters import SharedCounters
from posxero.services.accounts.throttle.sign_in import SignInThrottle
from posxero.services.errors import NotFound
from tests.support import people
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from posxero.db.business import User

    MakeSession = Callable[[], Session]


@pytest.fixture
def shop_file(tmp_path: Path) -> Iterator[Engine]:
    """A prepared SQLite engine that has one table."""
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    prepare(engine)
    with engine.connect().execution_options(writes=True) as connection:
        connection.execute(text("CREATE TABLE till (id INTEGER PRIMARY KEY, open INTEGER)"))
        connection.execute(text("INSERT INTO till VALUES (1, 0)"))
        connection.commit()
    yield engine
    engine.dispose()


OPEN_THE_TILL = text("UPDATE till SET open = 1")


def test_a_read_that_turns_into_a_write_fails_at_once_when_another_committed(shop_file: Engine) -> None:
    """Why there is a guard: the busy time-out of 5 s does not help."""
    with Session(shop_file) as reader, Session(shop_file) as writer:
        reader.execute(text("SELECT * FROM till")).all()
        writer.execute(OPEN_THE_TILL)
        writer.commit()
        with pytest.raises(OperationalError, match="database is locked"):
            reader.execute(OPEN_THE_TILL)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE till SET open = 1", "WITH one AS (SELECT 1) INSERT INTO till SELECT 2, 0 FROM one", "DROP TABLE till"],
)
def test_the_guard_refuses_a_write_that_did_not_begin_as_one(shop_file: Engine, statement: str) -> None:
    refuse_deferred_writes(shop_file)
    with Session(shop_file) as session:
        with pytest.raises(DeferredWrite, match=statement.split("(", maxsplit=1)[0]):
            session.execute(text(statement))
        session.rollback()
        with writing(session):
            session.execute(text(statement))


def test_the_guard_lets_reads_pass(shop_file: Engine) -> None:
    refuse_deferred_writes(shop_file)
    with Session(shop_file) as session:
        assert session.execute(text("WITH till_update AS (SELECT 1) SELECT * FROM till_update")).all() == [(1,)]
        assert session.execute(text("SELECT 'UPDATE till'")).all() == [("UPDATE till",)]


def test_writing_reads_what_is_there_when_it_begins(shop_file: Engine) -> None:
    with Session(shop_file) as session, Session(shop_file) as other:
        assert session.execute(text("SELECT open FROM till")).scalar_one() == 0
        other.execute(OPEN_THE_TILL)
        other.commit()
        begin_writing(session)
        assert session.execute(text("SELECT open FROM till")).scalar_one() == 1


def change_password(make_session: MakeSession, user: User) -> None:
    with writing(session := make_session()):
        session.merge(user).password_hash = "another"


def test_a_batch_leaves_the_lock_alone_for_as_long_as_it_held_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, gaps = iter((10.0, 10.125, 20.0, 29.0)), list[float]()

    def gap(seconds: float) -> None:
        assert not session.in_transaction()
        gaps.append(seconds)

    monkeypatch.setattr(db_engine, "monotonic", lambda: next(clock))
    monkeypatch.setattr(db_engine, "sleep", gap)
    for _ in range(2):
        with writing_in_batches(session):
            session.execute(select(1))
    assert gaps == ([0.125, db_engine.MAX_GAP] if session.get_bind().dialect.name == "sqlite" else [])


def test_a_password_that_is_changed_while_it_is_verified_signs_nobody_in(
    make_session: MakeSession, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(_password: str, _stored: str | None) -> tuple[bool, str | None]:
        change_password(make_session, owner)
        return True, None

    monkeypatch.setattr(passwords, "verify", verify)
    with pytest.raises(WrongCredentials):
        sign_in.begin(
            make_session(),
            SignInThrottle(SharedCounters(None), "secret"),
            email=owner.email,
            password=people.PASSWORD,
            client=Client(),
            now=now(),
        )


def test_others_write_while_a_new_password_is_hashed(
    make_session: MakeSession, owner: User, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_password(_password: str) -> str:
        change_password(make_session, owner)
        return "hashed"

    monkeypatch.setattr(passwords, "hash_password", hash_password)
    session = make_session()
    sam = users.get(session, staff.business_id, staff.id)
    users.change(session, sam, name="Sam", role="staff", password="seven green kettles", now=now())
    new: dict[str, Any] = {
        "name": "Ria",
        "email": "ria@shop.example",
        "role": "staff",
        "password": "seven green kettles",
    }
    users.add(session, staff.business_id, **new, now=now())


def test_a_user_who_was_removed_meanwhile_is_not_changed(make_session: MakeSession, staff: User) -> None:
    session, other = make_session(), make_session()
    sam = users.get(session, staff.business_id, staff.id)
    users.remove(other, users.get(other, staff.business_id, staff.id), now=now())
    with pytest.raises(NotFound):
        users.change(session, sam, name="Samuel", role="staff", password="", now=now())


def test_what_is_saved_of_a_business_is_what_was_typed(make_session: MakeSession, business: Business) -> None:
    """Also where another's change came between: a field typed as it was read goes back to that."""
    session, other = make_session(), make_session()
    mine = session.scalars(select(Business)).one()
    typed = {"name": mine.name, "country": mine.country, "timezone": mine.timezone, "currency": mine.currency}
    theirs, jobs = other.scalars(select(Business)).one(), JobQueue(None)
    businesses.change(other, theirs, **typed | {"name": "Kauri Clothing"}, jobs=jobs)
    businesses.change(session, mine, **typed, jobs=jobs)
    assert make_session().scalars(select(Business.name)).one() == business.name
