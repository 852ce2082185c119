"""A worker that dies while it undoes an import leaves nothing half done."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.enums import Phase
from posxero.services.imports import lease, queries, undo
from tests.support.importing import accounted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest
    from sqlalchemy.orm import Session

    from tests.support.importing import Importer


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


def test_a_worker_killed_while_it_undoes_costs_nothing(
    importer: Importer, make_session: Callable[[], Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn dies before or after its third commit, of which the first claims the lease."""
    monkeypatch.setattr(undo, "ROWS_PER_COMMIT", 7)
    run = importer.finish(importer.start())
    added = run.added
    undo.undo(importer.session, importer.jobs, run.business_id, run.id, by="Mana", now=importer.clock())
    kills, commits = 0, 0

    @contextmanager
    def dying(session: Session) -> Iterator[None]:
        nonlocal commits
        with writing(session):
            yield
            commits += 1
            if commits == 3 and kills % 2:
                raise Killed
        if commits == 3:
            raise Killed

    monkeypatch.setattr(lease, "writing", dying)
    while run.phase is not Phase.UNDONE and kills < 30:
        commits, worker = 0, make_session()
        try:
            importer.turn(run, worker)
        except Killed:
            kills += 1
        worker.close()
        importer.later += timedelta(seconds=61)
        importer.session.rollback()
        run = queries.get(importer.session, run.business_id, run.id)
    assert kills > 3
    assert (run.undone, run.added, importer.count(Contact), importer.count(Link)) == (added, 0, 0, 0)
    assert accounted(run) == run.read
