"""What a merge changes of a row, as JSON, by which the row is restored."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from sqlalchemy.types import TypeEngine

from posxero.db.base import Base

Snapshot = Mapping[str, Any]  # column -> value
ColumnChanges = Mapping[str, list[Any]]  # column -> [before, after]

_READERS: Final[Mapping[type[Any], Callable[[Any], Any]]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID: UUID,
    Decimal: Decimal,
}


def snapshot_of(row: Base) -> dict[str, Any]:
    """Return every column of a row as JSON can hold it."""
    return {column.key: _to_json(getattr(row, column.key)) for column in row.__table__.columns}


def changes_since(before: Snapshot, row: Base, *, also: Collection[str] = ()) -> dict[str, list[Any]]:
    """Return the columns of a row that are no longer what they were.

    Args:
        before: What `snapshot_of` returned.
        row: As it is now.
        also: Columns that are returned in any case.
    """
    after = snapshot_of(row)
    return {key: [before[key], after[key]] for key in before if key in also or before[key] != after[key]}


def is_untouched(row: Base, changed: ColumnChanges, columns: Collection[str]) -> bool:
    """Return whether these columns still hold what a change left in them."""
    return all(_to_json(getattr(row, key)) == changed[key][1] for key in columns)


def restore(row: Base, changed: ColumnChanges, *, but: Collection[str] = ()) -> None:
    """Restore what the columns of a row held before a change, unless they were changed again since.

    Args:
        row: Loaded from the database.
        changed: What `changes_since` returned.
        but: Columns that keep what they hold.
    """
    for key, (before, after) in changed.items():
        if key not in but and _to_json(getattr(row, key)) == after:
            setattr(row, key, _from_json(before, row.__table__.columns[key].type))


def _to_json(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def _from_json(value: Any, column_type: TypeEngine[Any]) -> Any:
    if value is None:
        return None
    kind = getattr(column_type, "impl_instance", column_type).python_type  # of a TypeDecorator
    return kind(value) if issubclass(kind, Enum) else _READERS.get(kind, _unchanged)(value)


def _unchanged(value: Any) -> Any:
    return value
