"""Map the fields of filters and orders to columns, and compile comparisons into SQL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.filters import Comparison, Group, Kind, parse
from posxero.practice.folding import fold

ORDERED_KINDS: frozenset[Kind] = frozenset({"DateTime", "Number"})  # Dynamic LINQ knows no < of text
EQUALITY_OPERATORS = {"=": "==", "<>": "!="}  # as SQL and as Xero's refusals write them
TEXT_METHODS = frozenset({"Contains", "StartsWith", "EndsWith"})


@dataclass(frozen=True)
class Column:
    """A field: its SQL, in which text is folded and never NULL, and the kind of its values."""

    sql: str
    kind: Kind


@dataclass(frozen=True)
class Condition:
    """A condition and the values that are bound in it."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Columns:
    """The fields of one type; their names are case-insensitive."""

    type_name: str
    by_name: Mapping[str, Column]

    def find(self, name: str) -> Column:
        """Return a field.

        Raises:
            InvalidQuery: There is none of that name.
        """
        column = self.by_name.get(name.lower())
        if column is None:
            raise InvalidQuery(f"No property or field '{name}' exists in type '{self.type_name}'")
        return column

    def condition(self, where: str) -> Condition:
        """Compile a filter into SQL.

        Raises:
            InvalidQuery: It is not in Xero's language, or compares what cannot be compared.
        """
        return self._compiled(parse(where))

    def order(self, requested: str, otherwise: str) -> str:
        """Compile an order such as "Name DESC, Code" into SQL; `otherwise` is the default.

        Raises:
            InvalidQuery: A field is unknown, or a direction is neither ASC nor DESC.
        """
        parts = []
        for part in filter(None, (each.strip() for each in requested.split(","))):
            name, _, direction = part.partition(" ")
            direction = direction.strip().upper() or "ASC"
            if direction not in {"ASC", "DESC"}:
                raise InvalidQuery(f"Syntax error '{part}'")
            parts.append(f"{self.find(name).sql} {direction}")
        return ", ".join(parts) or otherwise

    def _compiled(self, tree: Comparison | Group) -> Condition:
        if isinstance(tree, Comparison):
            return self._comparison(tree)
        parts = [self._compiled(part) for part in tree.parts]
        joined = f" {tree.joiner} ".join(part.sql for part in parts)
        return Condition(f"({joined})", tuple(value for part in parts for value in part.values))

    def _comparison(self, test: Comparison) -> Condition:
        column, value = self.find(test.field), test.value
        if test.operator in TEXT_METHODS:
            return _text_condition(column, test)
        if value.kind == "null" and test.operator in EQUALITY_OPERATORS and column.kind != "Boolean":
            empty = "''" if column.kind in {"String", "Guid"} else "NULL"
            return Condition(f"{column.sql} {'IS' if test.operator == '=' else 'IS NOT'} {empty}")
        if value.kind != column.kind or (test.operator not in EQUALITY_OPERATORS and column.kind not in ORDERED_KINDS):
            kinds = f"'{column.kind}' and '{value.kind}'"
            operator = EQUALITY_OPERATORS.get(test.operator, test.operator)
            raise InvalidQuery(f"Operator '{operator}' incompatible with operand types {kinds}")
        bound = fold(str(value.value)) if column.kind == "String" else value.value
        return Condition(f"{column.sql} {test.operator} ?", (bound,))


def _text_condition(column: Column, test: Comparison) -> Condition:
    if column.kind != "String":
        raise InvalidQuery(f"No applicable method '{test.operator}' exists in type '{column.kind}'")
    text = fold(str(test.value.value))
    if test.operator == "Contains":
        return Condition(f"instr({column.sql}, ?) > 0", (text,))
    if test.operator == "StartsWith":
        return Condition(f"substr({column.sql}, 1, ?) = ?", (len(text), text))
    return Condition(f"substr({column.sql}, length({column.sql}) - ? + 1) = ?", (len(text), text))


def json_columns(type_name: str, json_sql: str, kinds: Mapping[Kind, Iterable[str]]) -> Columns:
    """Return the fields of a JSON object; `json_sql` is its SQL."""
    named = ((name, kind) for kind, names in kinds.items() for name in names)
    return Columns(type_name, {name.lower(): Column(_json_sql(json_sql, name, kind), kind) for name, kind in named})


def _json_sql(json_sql: str, name: str, kind: Kind) -> str:
    plain = f"json_extract({json_sql}, '$.{name}')"
    if kind == "String":
        return f"fold(CAST(coalesce({plain}, '') AS BLOB))"  # bytes: a lone surrogate is no text for Python
    if kind == "Guid":
        return f"lower(coalesce({plain}, ''))"
    if kind == "Boolean":
        return f"coalesce({plain}, 0)"
    if kind == "DateTime":
        return f"CAST(replace({plain}, '/Date(', '') AS INTEGER)"  # up to the offset
    return plain
