"""Bring a database to the newest migration, or say whether it is there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

FOLDER = Path(__file__).parent / "migrations"


class NewerDatabase(Exception):
    """The database has a migration that this code does not know."""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the migrations up to a revision, each in a transaction.

    Raises:
        sqlalchemy.exc.OperationalError: The database cannot be reached.
        NewerDatabase: A newer version of this code has migrated it; nothing is done.
    """
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        if is_newer(connection):
            raise NewerDatabase
        connection.rollback()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def is_current(connection: Connection) -> bool:
    """Return whether the database is at the newest migration of this code."""
    return MigrationContext.configure(connection).get_current_revision() == _scripts().get_current_head()


def is_newer(connection: Connection) -> bool:
    """Return whether a newer version of this code has migrated the database."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in _scripts().walk_revisions()}
    return found is not None and found not in known


@cache
def _scripts() -> ScriptDirectory:
    """Return the migrations of this code: loading them all takes 30 ms."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
