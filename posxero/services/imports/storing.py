"""Store staged rows: a page in one or two statements, whatever was there before.

PostgreSQL takes a page as one JSON text: bound one by one, its values cost ten times as much. SQLite takes them
one by one from its driver: its JSON costs twice as much, and SQLAlchemy's own conversions three times.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import JSON, Connection, Executable, Text, Uuid, bindparam, case, func, literal_column, select
from sqlalchemy import cast as as_type
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from posxero.db.engine import rows_changed
from posxero.db.money import ExactDecimal
from posxero.services.imports.rows import TABLE

KEY: Final = ("business_id", "import_id", "xero_id")
KEY_COLUMNS: Final = ("name_key", "search_text", "email_key", "phone_keys", "phone_key", "mobile_key")
COLUMNS_READ_AGAIN: Final = ("name", "copy", "is_customer", "is_supplier", "outstanding", "overdue", *KEY_COLUMNS)
COLUMN_NAMES: Final = [column.name for column in TABLE.c]
WITH_ROW_COUNT: Final = {"preserve_rowcount": True}  # SQLAlchemy forgets it after an INSERT
ENCODER: Final = msgspec.json.Encoder()
ROWS: Final = bindparam("rows", type_=Text)
UUID_PLACES: Final = [place for place, column in enumerate(TABLE.c) if isinstance(column.type, Uuid)]
JSON_PLACES: Final = [place for place, column in enumerate(TABLE.c) if isinstance(column.type, JSON)]
AMOUNT_PLACES: Final = [
    (place, column.type) for place, column in enumerate(TABLE.c) if isinstance(column.type, ExactDecimal)
]
_RECORDSET: Final = func.jsonb_populate_recordset(
    literal_column(f"NULL::{TABLE.name}"), as_type(ROWS, postgresql.JSONB)
).table_valued(*COLUMN_NAMES)
INSERT_POSTGRESQL: Final = postgresql.insert(TABLE).from_select(COLUMN_NAMES, select(*_RECORDSET.c))
INSERT_SQLITE: Final = sqlite.insert(TABLE)


def store(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Store rows by their columns; the caller commits.

    A row that was there takes what Xero says now and is matched again; what a person has
    decided about it stays.

    Returns:
        How many were new.
    """
    connection = session.connection()  # beneath the ORM: no object is made for a row
    insert, write = (
        (INSERT_POSTGRESQL, _write_text) if connection.dialect.name == "postgresql" else (INSERT_SQLITE, _write_values)
    )
    new = write(connection, insert.on_conflict_do_nothing(index_elements=KEY), rows)
    if new < len(rows):
        write(connection, _upsert(insert), rows)  # writes the new ones once more, unchanged
    return new


def _write_text(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> int:
    values = {"rows": ENCODER.encode(rows).decode()}
    # SQLAlchemy counts the rows of an INSERT only when it is asked to
    return rows_changed(connection.execute(statement, values, execution_options={"preserve_rowcount": True}))


def _write_values(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> int:
    sql = str(statement.compile(dialect=connection.dialect, column_keys=COLUMN_NAMES))
    return rows_changed(
        connection.exec_driver_sql(sql, [_values(row) for row in rows], execution_options=WITH_ROW_COUNT)
    )


def _values(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return a row as SQLite stores it."""
    values = list(map(row.__getitem__, COLUMN_NAMES))
    for place in UUID_PLACES:
        if (found := values[place]) is not None:
            values[place] = found.hex
    for place in JSON_PLACES:
        values[place] = ENCODER.encode(values[place]).decode()
    for place, exact in AMOUNT_PLACES:
        if (amount := values[place]) is not None:
            values[place] = exact.units_of(amount)
    return tuple(values)


def _upsert(insert: Any) -> Any:
    """Write the statement for contacts that were read before."""
    read = insert.excluded
    decided_by_person = TABLE.c.decision.is_not(None) & TABLE.c.needs_review & read.outcome.is_(None)
    values = {name: read[name] for name in COLUMNS_READ_AGAIN} | {
        "contact_id": case((decided_by_person, TABLE.c.contact_id), else_=read.contact_id),
        "outcome": read.outcome,
        "reason": case((decided_by_person, TABLE.c.reason), else_=read.reason),
        "decision": case((decided_by_person, TABLE.c.decision), else_=read.decision),
        "needs_review": decided_by_person,
    }
    return insert.on_conflict_do_update(index_elements=KEY, set_=values)
