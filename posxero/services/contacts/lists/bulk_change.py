"""Change all contacts of a list: their tags, their group, or whether they are archived; in steps that each commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.domain.enums import LabelledEnum
from posxero.domain.labels import LabelKind
from posxero.services.contacts import archive
from posxero.services.contacts.labels.assignment import LabelChange, change_labels
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.sync_status.connection_status import ConnectionStatus, load_connection_status

STEP: Final = 200  # contacts of one transaction
STEPS: Final = 5  # of one call
FIRST: Final = UUID(int=0)  # smaller than any contact's id


class BulkAction(LabelledEnum):
    """What is done with the contacts of a list."""

    ADD_TAG = "add-tag", "Add tag"
    REMOVE_TAG = "remove-tag", "Remove tag"
    SET_GROUP = "set-group", "Set group"
    ARCHIVE = "archive"
    RESTORE = "restore"


@dataclass(frozen=True)
class BulkChange:
    """An act, with the name of its tag or group; a group "" is none. All of it is done at one time, `at`."""

    act: BulkAction
    name: str
    by: str
    at: datetime

    def apply(self, session: Session, business_id: UUID, ids: list[UUID]) -> int:
        """Change these contacts; the caller commits. Returns how many were changed."""
        if self.act is BulkAction.ARCHIVE:
            return archive.archive_many(session, business_id, ids, by=self.by, now=self.at)
        if self.act is BulkAction.RESTORE:
            return archive.restore_many(session, business_id, ids, by=self.by, now=self.at)
        kind = LabelKind.GROUP if self.act is BulkAction.SET_GROUP else LabelKind.TAG
        change = LabelChange(kind, self.name, is_removal=self.act is BulkAction.REMOVE_TAG)
        return change_labels(session, business_id, ids, change, by=self.by, now=self.at)


@dataclass(frozen=True)
class BulkChangeProgress:
    """How many were changed so far. `last` is where to continue; None when nothing is left."""

    changed: int = 0
    last: UUID | None = FIRST


def change(
    session: Session, business_id: UUID, asked: ListQuery, done: BulkChangeProgress, what: BulkChange, *, now: datetime
) -> BulkChangeProgress:
    """Change the next contacts of a list, in the order of their ids; commits after each step."""
    for _ in range(STEPS):
        if done.last is None:
            break
        done = _change_step(session, business_id, asked, done.changed, done.last, what, now)
    return done


def _change_step(
    session: Session, business_id: UUID, asked: ListQuery, changed: int, after: UUID, what: BulkChange, now: datetime
) -> BulkChangeProgress:
    with writing(session):
        status: ConnectionStatus = load_connection_status(session, business_id)
        ids = list(results.find_ids(session, business_id, asked, status, now, after=after, limit=STEP))
        if ids:
            changed += what.apply(session, business_id, ids)
    return BulkChangeProgress(changed, ids[-1] if len(ids) == STEP else None)
