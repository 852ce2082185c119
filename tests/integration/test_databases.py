"""The databases of the tests are what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from posxero.db.engine import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from posxero.settings import Settings
    from tests.support.databases import Cluster


def _fill_and_look(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM business")).scalar_one() == 0
        connection.execute(
            text("INSERT INTO business (id, name, created_at) VALUES (:id, 'Shop', '2026-01-01 00:00:00')"),
            {"id": "0" * 32},
        )
    engine.dispose()


def test_a_test_finds_the_database_empty(database_url: str) -> None:
    _fill_and_look(database_url)


def test_the_next_test_finds_it_empty_again(database_url: str) -> None:
    _fill_and_look(database_url)


def test_valkey_answers_and_keeps_nothing_between_tests(settings: Settings) -> None:
    assert settings.redis_url is not None
    with Redis.from_url(settings.redis_url) as client:
        assert client.keys() == []
        client.set("left", "over")


def test_statements_are_counted(
    database_url: str, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection, count_statements() as statements:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    assert statements == ["SELECT 1"]


def test_an_error_that_is_logged_shows_no_parameters(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare(engine)
    insert = text("INSERT INTO business (id, name) VALUES (:id, :name)")
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert, {"id": "0" * 32, "name": "Aroha"})
    assert "INSERT INTO business" in str(caught.value)
    assert "SQL parameters hidden" in str(caught.value)
    engine.dispose()


def test_postgresql_trusts_its_indexes_and_waits_no_longer_than_sqlite(cluster: Cluster) -> None:
    engine = create_engine(cluster.clone())
    prepare(engine)
    with engine.connect() as connection:
        connection.rollback()
        assert connection.execute(text("SHOW random_page_cost")).scalar_one() == "1.1"
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "5s"
    engine.dispose()
