"""Amounts survive the database: exact on both, added up exactly by SQL."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, MetaData, String, Table, func, insert, select
from sqlalchemy.exc import StatementError

from posxero.db.money import MONEY, QUANTITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

AMOUNTS = Table("exact_amount", MetaData(), Column("name", String), Column("price", MONEY), Column("count", QUANTITY))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writes=True) as connection:
        AMOUNTS.create(connection)
        yield connection
        connection.rollback()


def test_what_is_stored_comes_back(connection: Connection) -> None:
    for price, count in (("0.01", "0.0001"), ("9999999.99", "12.5"), ("-3.10", "1")):
        connection.execute(insert(AMOUNTS), {"price": Decimal(price), "count": Decimal(count)})
    found = connection.execute(select(AMOUNTS.c.price, AMOUNTS.c.count).order_by(AMOUNTS.c.price)).all()
    assert [str(price) for price, _ in found] == ["-3.10", "0.01", "9999999.99"]
    assert [str(count) for _, count in found] == ["1.0000", "0.0001", "12.5000"]


def test_sums_and_comparisons_are_exact(connection: Connection) -> None:
    connection.execute(insert(AMOUNTS), [{"price": Decimal("0.10")} for _ in range(1000)])
    price = AMOUNTS.c.price
    assert connection.scalar(select(func.sum(price)).where(price == Decimal("0.10"))) == Decimal("100.00")
    assert connection.scalar(select(func.count()).where(price > Decimal("0.10"))) == 0
    assert connection.scalar(select(price - Decimal("0.03")).limit(1)) == Decimal("0.07")


def test_nothing_is_rounded_in_silence(connection: Connection) -> None:
    with pytest.raises(StatementError, match="more than 2 decimals"):
        connection.execute(insert(AMOUNTS), {"price": Decimal("0.005")})
    with pytest.raises(StatementError, match="float"):
        connection.execute(insert(AMOUNTS), {"price": 0.1})
