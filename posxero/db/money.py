"""Exact decimals in both databases: NUMERIC in PostgreSQL, a whole number of the smallest unit in SQLite."""

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

DIGITS: Final = 17  # of PostgreSQL's column; as many fit a 64-bit integer


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places. Sums and comparisons in SQL are exact.

    Raises:
        TypeError: A float is stored.
        ValueError: A number with more places is stored.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__(DIGITS, places)
        self.places = places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column's type."""
        exact: TypeEngine[Any] = BigInteger() if dialect.name == "sqlite" else Numeric(DIGITS, self.places)
        return dialect.type_descriptor(exact)

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | int | None:
        """Check that nothing is lost."""
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("a float is no exact amount")
        units = self.units_of(value)
        return units if dialect.name == "sqlite" else Decimal(value)

    def units_of(self, value: Decimal | int) -> int:
        """Return a number as SQLite stores it.

        Raises:
            ValueError: It has more places.
        """
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            message = f"{value} has more than {self.places} decimals"
            raise ValueError(message)
        return int(scaled)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Return the number with its places."""
        if value is None:
            return None
        unit = Decimal(1).scaleb(-self.places)
        number = Decimal(value).scaleb(-self.places) if dialect.name == "sqlite" else Decimal(value)
        return number.quantize(unit)


MONEY: Final = ExactDecimal(2)
QUANTITY: Final = ExactDecimal(4)
