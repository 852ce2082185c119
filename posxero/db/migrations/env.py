"""Run migrations on the connection that `posxero.db.migrate` opened.

On SQLite a table is changed by copying it. With foreign keys on, dropping the old
copy would delete every child row, so they are off meanwhile and checked at the end.
"""

from alembic import context
from sqlalchemy import Connection

from posxero.db.models import Base


def run(connection: Connection) -> None:
    """Run the wanted migrations in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="posxero.db.base.",
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    """Run them with foreign keys off, and refuse to commit rows that lost their parent.

    Raises:
        RuntimeError: A row refers to one that is not there; nothing is committed.
    """
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.rollback()
    with connection.begin():
        run(connection)
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            message = f"The migration would leave {len(orphans)} rows without their parent"
            raise RuntimeError(message)


def main() -> None:
    """Choose by the database."""
    connection: Connection = context.config.attributes["connection"]
    if connection.dialect.name == "sqlite":
        run_on_sqlite(connection)
    else:
        run(connection)


main()
