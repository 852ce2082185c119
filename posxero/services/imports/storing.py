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
from posxero.services.imports.rows import TABLE

KEY: Final = ("business_id", "import_id", "xero_id")
FOLDED: Final = ("name_key", "search_text", "email_key", "phone_keys", "phone_key", "mobile_key")
READ_AGAIN: Final = ("name", "copy", "is_customer", "is_supplier", *FOLDED)
NAMES: Final = [column.name for column in TABLE.c]
COUNTED: Final = {"preserve_rowcount": True}  # SQLAlchemy forgets it after an INSERT
ENCODER: Final = msgspec.json.Encoder()
ROWS: Final = bindparam("rows", type_=Text)
IDS: Final = [place for place, column in enumerate(TABLE.c) if isinstance(column.type, Uuid)]
DOCUMENTS: Final = [place for place, column in enumerate(TABLE.c) if isinstance(column.type, JSON)]
_NAMED: Final = func.jsonb_populate_recordset(
    literal_column(f"NULL::{TABLE.name}"), as_type(ROWS, postgresql.JSONB)
).table_valued(*NAMES)
POSTGRESQL: Final = postgresql.insert(TABLE).from_select(NAMES, select(*_NAMED.c))
SQLITE: Final = sqlite.insert(TABLE)


def store(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Store rows by their columns; the caller commits.

    A row that was there takes what Xero says now and is matched anew; what a person has
    decided about it stays.

    Returns:
        How many were new.
    """
    connection = session.connection()  # beneath the ORM: no object is made for a row
    into, write = (POSTGRESQL, _write_text) if connection.dialect.name == "postgresql" else (SQLITE, _write_values)
    new = write(connection, into.on_conflict_do_nothing(index_elements=KEY), rows)
    if new < len(rows):
        write(connection, _again(into), rows)  # says of the new ones what they say already
    return new


def _write_text(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> int:
    values = {"rows": ENCODER.encode(rows).decode()}
    # SQLAlchemy counts the rows of an INSERT only when it is asked to
    return rows_changed(connection.execute(statement, values, execution_options={"preserve_rowcount": True}))


def _write_values(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> int:
    sql = str(statement.compile(dialect=connection.dialect, column_keys=NAMES))
    return rows_changed(connection.exec_driver_sql(sql, [_values(row) for row in rows], execution_options=COUNTED))


def _values(row: dict[str, Any]) -> tuple[Any, ...]:
    """Give a row as SQLite keeps it."""
    values = list(map(row.__getitem__, NAMES))
    for place in IDS:
        if (found := values[place]) is not None:
            values[place] = found.hex
    for place in DOCUMENTS:
        values[place] = ENCODER.encode(values[place]).decode()
    return tuple(values)


def _again(into: Any) -> Any:
    """Write the statement for contacts that were read before."""
    said = into.excluded
    mine = TABLE.c.decision.is_not(None) & TABLE.c.doubtful & said.outcome.is_(None)
    values = {name: said[name] for name in READ_AGAIN} | {
        "contact_id": case((mine, TABLE.c.contact_id), else_=said.contact_id),
        "outcome": said.outcome,
        "reason": case((mine, TABLE.c.reason), else_=said.reason),
        "decision": case((mine, TABLE.c.decision), else_=said.decision),
        "doubtful": mine,
    }
    return into.on_conflict_do_update(index_elements=KEY, set_=values)
