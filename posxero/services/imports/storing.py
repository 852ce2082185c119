"""Store staged rows: a page in one or two statements, whatever was there before."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Text, bindparam, case, cast, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from posxero.services.imports.rows import TABLE

KEY: Final = ("business_id", "import_id", "xero_id")
READ_AGAIN: Final = ("name", "copy", "is_customer", "is_supplier", "name_key", "search_text", "email_key", "phone_keys")
NAMES: Final = [column.name for column in TABLE.c]
ROWS: Final = func.jsonb_populate_recordset(
    literal_column(f"NULL::{TABLE.name}"), cast(bindparam("rows", type_=Text), postgresql.JSONB)
).table_valued(*NAMES)


def store(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Store rows by their columns; the caller commits.

    A row that was there takes what Xero says now and is matched anew; what a person has
    decided about it stays.

    Returns:
        How many were new.
    """
    connection = session.connection()  # beneath the ORM: no object is made for a row
    into, values = _into(connection.dialect.name)
    as_new = into.on_conflict_do_nothing(index_elements=KEY).returning(TABLE.c.xero_id)
    new = set(connection.execute(as_new, values(rows)).scalars())
    again = [row for row in rows if row["xero_id"] not in new]
    if again:
        connection.execute(_again(into), values(again))
    return len(new)


def _into(dialect: str) -> Any:
    """Give an INSERT, and what makes its values of rows.

    PostgreSQL takes all rows as one JSON text: a thousand rows of bound values cost it ten times as much.
    """
    if dialect == "postgresql":
        named = select(*(ROWS.c[name] for name in NAMES))
        return postgresql.insert(TABLE).from_select(NAMES, named), _as_json
    return sqlite.insert(TABLE), list


def _as_json(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {"rows": msgspec.json.encode(rows).decode()}


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
