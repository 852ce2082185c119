"""Two people saved the same contact: both sides, field by field, and which side each of them changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.domain.words import ActivityKind

# A link fills empty fields, and what undoes or sends it may change them too.
SAVES = (ActivityKind.EDITED, ActivityKind.SENT_OURS, ActivityKind.LINKED, ActivityKind.UNLINKED)
SEEN_MAX = 50  # saves that are looked back at


@dataclass(frozen=True)
class Side:
    """One field that differs: the value saved now and the one typed, and which is the likelier."""

    key: str
    saved: str
    yours: str
    keep_yours: bool


class Conflict(Exception):
    """Someone saved the contact after the form was opened. `version` is the one to save over now."""

    def __init__(self, version: int, sides: tuple[Side, ...], who: str, when: datetime) -> None:
        super().__init__(f"version {version} is newer")
        self.version = version
        self.sides = sides
        self.who = who
        self.when = when


def refuse_stale(session: Session, contact: Contact, seen: int, changed: Mapping[str, tuple[str, str]]) -> None:
    """Refuse to write over a version that the form did not show.

    A field that only the others changed is proposed as saved, every other one as typed.

    Args:
        seen: The version that the form was opened with.
        changed: Saved and typed value by the key of each field that differs.

    Raises:
        Conflict: The contact's version is another.
    """
    if contact.version == seen:
        return
    saves = _since(session, contact, seen)
    before = {key: old for save in saves for key, old, _ in save.changes}  # the oldest save comes last
    sides = tuple(
        Side(key, saved, yours, keep_yours=before.get(key, "") != yours if key in before else True)
        for key, (saved, yours) in changed.items()
    )
    who, when = (saves[0].actor, saves[0].at) if saves else ("", contact.updated_at)
    raise Conflict(contact.version, sides, who, when)


def _since(session: Session, contact: Contact, seen: int) -> list[Activity]:
    """List the saves after a version, the newest first; each save raised it by one."""
    count = min(contact.version - seen, SEEN_MAX)
    if count < 1:
        return []
    query = select(Activity).where(
        Activity.business_id == contact.business_id,
        Activity.contact_id == contact.id,
        Activity.kind.in_(SAVES),
    )
    return list(session.scalars(query.order_by(Activity.id.desc()).limit(count)))
