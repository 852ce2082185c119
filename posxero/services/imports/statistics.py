"""PostgreSQL plans badly over tables that it never looked at, and an import fills them first."""

from sqlalchemy import text
from sqlalchemy.orm import Session

NEVER_LOOKED_AT = text("SELECT reltuples < 0 FROM pg_class WHERE oid = to_regclass(:name)")


def gather(session: Session, *tables: str) -> None:
    """Let PostgreSQL look at tables that it never looked at; the caller commits.

    Without this, checking the foreign key of each new link reads every contact of the
    business: a few thousand contacts a second become a few hundred.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        if session.scalar(NEVER_LOOKED_AT, {"name": table}):
            session.execute(text(f"ANALYZE {table}"))
