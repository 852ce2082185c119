"""Store staged rows: a page in one or two statements, whatever was there before.

All rows of a page go to the database as one JSON text, which it takes apart itself: bound
one by one, their values cost PostgreSQL ten times as much, and SQLite's driver three times.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Text, bindparam, case, func, literal_column, select, true
from sqlalchemy import cast as as_type
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from posxero.services.imports.rows import TABLE

KEY: Final = ("business_id", "import_id", "xero_id")
READ_AGAIN: Final = ("name", "copy", "is_customer", "is_supplier", "name_key", "search_text", "email_key", "phone_keys")
NAMES: Final = [column.name for column in TABLE.c]
ENCODER: Final = msgspec.json.Encoder(uuid_format="hex")  # as SQLite keeps them; PostgreSQL reads both ways
ROWS: Final = bindparam("rows", type_=Text)


def store(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Store rows by their columns; the caller commits.

    A row that was there takes what Xero says now and is matched anew; what a person has
    decided about it stays.

    Returns:
        How many were new.
    """
    connection = session.connection()  # beneath the ORM: no object is made for a row
    into = INTO[connection.dialect.name]
    as_new = into.on_conflict_do_nothing(index_elements=KEY).returning(TABLE.c.xero_id)
    new = set(connection.execute(as_new, _as_json(rows)).scalars())
    again = [row for row in rows if row["xero_id"] not in new]
    if again:
        connection.execute(_again(into), _as_json(again))
    return len(new)


def _as_json(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {"rows": ENCODER.encode(rows).decode()}


def _into_postgresql() -> Any:
    named = func.jsonb_populate_recordset(literal_column(f"NULL::{TABLE.name}"), as_type(ROWS, postgresql.JSONB))
    return postgresql.insert(TABLE).from_select(NAMES, select(*named.table_valued(*NAMES).c))


def _into_sqlite() -> Any:
    one = func.json_each(ROWS).table_valued("value")
    values = [func.json_extract(one.c.value, f"$.{name}") for name in NAMES]
    everything = select(*values).select_from(one).where(true())  # without WHERE, SQLite takes ON CONFLICT for a join
    return sqlite.insert(TABLE).from_select(NAMES, everything)


INTO: Final = {"postgresql": _into_postgresql(), "sqlite": _into_sqlite()}


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
