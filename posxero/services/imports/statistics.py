"""PostgreSQL plans badly over tables that it never analyzed, and an import is what fills them first."""

from sqlalchemy import text
from sqlalchemy.orm import Session

WAS_NEVER_ANALYZED = text("SELECT reltuples < 0 FROM pg_class WHERE oid = to_regclass(:name)")


def analyze_new_tables(session: Session, *tables: str) -> None:
    """Analyze the tables that PostgreSQL never analyzed; the caller commits.

    Without this, checking the foreign key of each new link reads every contact of the
    business: a few thousand contacts a second become a few hundred.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        if session.scalar(WAS_NEVER_ANALYZED, {"name": table}):
            session.execute(text(f"ANALYZE {table}"))
