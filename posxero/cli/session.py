"""A database session for a command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from posxero import logs, preflight
from posxero.db.engine import prepare
from posxero.settings import Settings


@contextmanager
def open_session() -> Iterator[Session]:
    """Open a session for the block. The command logs to the standard error.

    Raises:
        NotReady: The database cannot be used, or lacks migrations.
    """
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    logs.configure(production=settings.production, to_stderr=True)
    engine = create_engine(settings.database_url)
    prepare(engine)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()
