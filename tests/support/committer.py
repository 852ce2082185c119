"""Another process that commits to a database every 10 ms, as a worker does while it imports."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from posxero.db.engine import prepare
from posxero.parent_death import die_with_parent
from tests.support.processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

INTERVAL = 0.01  # seconds
COMMIT = text("UPDATE business SET name = :number WHERE id = :business_id")
READ = text("SELECT name FROM business WHERE id = :business_id")


@contextmanager
def committing(session: Session, url: str, business_id: UUID) -> Iterator[None]:
    """Run the process, which counts its commits in the name of a business that nobody else uses."""

    def commits() -> int:
        session.rollback()
        name = session.execute(READ, {"business_id": business_id.hex if "sqlite" in url else business_id}).scalar_one()
        session.rollback()
        return int(name) if name.isdecimal() else 0

    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.committer", url, business_id.hex],
        cwd=Path(__file__).parents[2],
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - tests start no threads that hold locks across it
    )
    try:
        until(commits, "the other process commits")
        before = commits()
        yield
        until(lambda: commits() > before, "the other process goes on committing")
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def main(url: str, business_id: str) -> None:
    """Commit until killed."""
    engine = create_engine(url)
    prepare(engine)
    number = 0
    while True:
        number += 1
        with engine.connect().execution_options(writes=True) as connection:
            connection.execute(COMMIT, {"number": str(number), "business_id": business_id})
            connection.commit()
        time.sleep(INTERVAL)


if __name__ == "__main__":
    main(*sys.argv[1:])
