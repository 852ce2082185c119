"""What tests refuse the product: a statement that changes or deletes what happened."""

from __future__ import annotations

import re
import sys
import traceback
from typing import TYPE_CHECKING

from sqlalchemy import event

from posxero.services import activity
from tests.support.databases import written_by_a_test

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ENTRY = re.compile(r"\s*(UPDATE|DELETE FROM|REPLACE INTO)\s+\"?activity\b", re.IGNORECASE)
# Erasing a person's details empties notes too; decision 35.
NOTE = re.compile(r"\s*UPDATE \"?activity\"? SET note=(\?|%\(note\)s(::VARCHAR)?) WHERE", re.IGNORECASE)
PAYLOAD = re.compile(r"\s*(UPDATE|DELETE FROM|REPLACE INTO)\s+\"?activity_payload\b", re.IGNORECASE)


class HistoryChanged(AssertionError):
    """The product changes or deletes an entry of the history, or empties one elsewhere than in `services.activity`."""


def refuse_changed_history(engine: Engine) -> None:
    """Make an engine raise HistoryChanged where anything but a test changes the history."""

    @event.listens_for(engine, "before_cursor_execute")
    def _refuse(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        is_change = ENTRY.match(statement) or PAYLOAD.match(statement)
        may_change = NOTE.match(statement) or PAYLOAD.match(statement)
        if is_change and not (may_change and _is_emptied_by_its_service()) and not written_by_a_test():
            raise HistoryChanged(statement)


def _is_emptied_by_its_service() -> bool:
    return any(frame.f_code.co_filename == activity.__file__ for frame, _ in traceback.walk_stack(sys._getframe(1)))
