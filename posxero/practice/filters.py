"""Parse Xero's filter language: a `where` becomes a tree of comparisons.

Xero's page on requests and responses shows it, and its refusals show that it is Dynamic LINQ: `==`, `!=`, `<`, `AND`,
`OR`, parentheses, `null`, `Guid("…")`, `DateTime(2026, 1, 31)`, and Contains, StartsWith and EndsWith of a text.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from posxero.practice import xero_dates
from posxero.practice.filter_tokens import InvalidQuery, Token, parse_guid, tokenize

Kind = Literal["String", "Guid", "Boolean", "DateTime", "Number", "null"]

MAX_TERMS, MAX_DEPTH = 500, 50  # comparisons, nested parentheses; SQLite's own limit is a depth of 1,000
TEXT_METHODS = {name.lower(): name for name in ("Contains", "StartsWith", "EndsWith")}
CASE_METHODS = {"tolower", "toupper"}  # allowed and without effect: comparisons ignore case
JOIN_OPERATORS = {"&&": "AND", "and": "AND", "||": "OR", "or": "OR"}
COMPARISON_OPERATORS = {"==": "=", "=": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Value:
    """A literal: text, a lower-case GUID, a boolean, milliseconds since 1970, a number, or None."""

    kind: Kind
    value: str | float | None


@dataclass(frozen=True)
class Comparison:
    """A comparison of a field; `operator` is SQL's, or the name of a method of text."""

    field: str
    operator: str
    value: Value


@dataclass(frozen=True)
class Group:
    """Comparisons that are joined by AND or by OR."""

    joiner: str
    parts: tuple["Comparison | Group", ...]


def parse(where: str) -> Comparison | Group:
    """Parse a filter.

    Raises:
        InvalidQuery: It is not in Xero's language, or is too long to be meant.
    """
    return _Parser(list(tokenize(where))).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = self._terms = self._depth = 0

    def whole(self) -> Comparison | Group:
        tree = self._joined("OR")
        if self._next.kind != "end":
            raise InvalidQuery(f"Syntax error '{self._next.text}'")
        return tree

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _accept(self, symbol: str) -> bool:
        found = self._next.kind == "symbol" and self._next.text == symbol
        self._at += found
        return found

    def _expect(self, symbol: str) -> None:
        if not self._accept(symbol):
            raise InvalidQuery(f"'{symbol}' expected")

    def _joined(self, joiner: str) -> Comparison | Group:
        """Parse the parts that OR joins; each of them is joined by AND."""
        parts = [self._part(joiner)]
        while JOIN_OPERATORS.get(self._next.text.lower()) == joiner and self._next.kind in {"word", "symbol"}:
            self._take()
            parts.append(self._part(joiner))
        return parts[0] if len(parts) == 1 else Group(joiner, tuple(parts))

    def _part(self, joiner: str) -> Comparison | Group:
        if joiner == "OR":
            return self._joined("AND")
        if not self._accept("("):
            return self._test()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidQuery("The filter is nested too deeply")
        tree = self._joined("OR")
        self._depth -= 1
        if not self._accept(")"):
            raise InvalidQuery("')' or operator expected")
        return tree

    def _test(self) -> Comparison:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise InvalidQuery("The filter has too many comparisons")
        field = self._word()
        while self._accept("."):
            name = self._word()
            if name.lower() in TEXT_METHODS:
                return Comparison(field, TEXT_METHODS[name.lower()], self._argument())
            if name.lower() in CASE_METHODS:
                self._expect("(")
                self._expect(")")
            else:
                field = f"{field}.{name}"
        operator = self._take().text
        if operator not in COMPARISON_OPERATORS:
            raise InvalidQuery(f"Syntax error '{operator}'" if operator else "Expression expected")
        return Comparison(field, COMPARISON_OPERATORS[operator], self._value())

    def _word(self) -> str:
        token = self._take()
        if token.kind != "word":
            raise InvalidQuery(f"Syntax error '{token.text}'" if token.text else "Expression expected")
        return token.text

    def _argument(self) -> Value:
        self._expect("(")
        value = self._value()
        if value.kind != "String":
            raise InvalidQuery(f"Expression of type 'String' expected, not '{value.kind}'")
        self._expect(")")
        return value

    def _value(self) -> Value:
        token = self._take()
        word = token.text.lower() if token.kind == "word" else ""
        if token.kind == "string":
            return Value("String", token.text[1:-1].replace('""', '"'))
        if token.kind == "number":
            return Value("Number", float(token.text))
        if word in {"true", "false"}:
            return Value("Boolean", word == "true")
        if word == "null":
            return Value("null", None)
        if word == "guid":
            return Value("Guid", parse_guid(str(self._argument().value)))
        if word == "datetime":
            return Value("DateTime", self._date_time())
        raise InvalidQuery(f"Syntax error '{token.text}'" if token.text else "Expression expected")

    def _date_time(self) -> int:
        self._expect("(")
        numbers = [self._whole_number()]
        while self._accept(","):
            numbers.append(self._whole_number())
        self._expect(")")
        try:
            year, month, day, hour, minute, second = [*numbers, 0, 0, 0][:6]
            return xero_dates.to_ms(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
        except (ValueError, OverflowError) as error:
            raise InvalidQuery("No applicable constructor exists in type 'DateTime'") from error

    def _whole_number(self) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.isdigit():
            raise InvalidQuery(f"Syntax error '{token.text}'")
        return int(token.text)
