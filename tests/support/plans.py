"""In which steps the database carries out the statements of a function."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
# PostgreSQL reads few rows whole and sorts them; a shop has thousands
SMALL_TABLES = ("seqscan", "sort", "incremental_sort", "bitmapscan")


@contextmanager
def explained(session: Session) -> Iterator[list[list[str]]]:
    """Collect the plan of each statement that the session carries out."""
    connection, plans = session.connection(), list[list[str]]()
    dialect = connection.dialect.name
    if dialect == "postgresql":
        for way in SMALL_TABLES:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")

    def explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        cursor.execute(f"{EXPLAIN[dialect]} {statement}", parameters)
        plans.append([" ".join(map(str, row)) for row in cursor.fetchall()])

    event.listen(connection, "before_cursor_execute", explain)
    yield plans
    event.remove(connection, "before_cursor_execute", explain)
