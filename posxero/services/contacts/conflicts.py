"""Two people saved the same contact: what each of them changed, and which side to keep."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.domain import columns
from posxero.domain.diff import changes
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import KEYS, by_key
from posxero.domain.normalise import clean
from posxero.services.contacts.rules import CODE

# A link fills empty fields, and what undoes or sends it may change them too.
SAVES = (
    ActivityKind.EDITED,
    ActivityKind.VERSION_RESTORED,
    ActivityKind.SENT_OURS,
    ActivityKind.LINKED,
    ActivityKind.UNLINKED,
    ActivityKind.MERGED,
    ActivityKind.MERGE_UNDONE,
)
SEEN_MAX = 50  # saves that are looked back at

Changes = Mapping[str, tuple[str, str]]  # field key -> value saved and value typed


class Keep(StrEnum):
    """Which of two values is kept."""

    SAVED = "saved"
    YOURS = "yours"


@dataclass(frozen=True)
class Choices:
    """What a person chose to keep, by field key, over the version that they were shown; 0 when nothing was shown."""

    over: int = 0
    keep: Mapping[str, Keep] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """One field that somebody changed since the form was opened.

    `keep` is None where both did, so that a person must choose. `who` saved it last, and `when`;
    "" and None where only the form changes it.
    """

    key: str
    saved: str
    yours: str
    keep: Keep | None
    who: str = ""
    when: datetime | None = None


class Conflict(Exception):
    """Somebody saved the contact after the form was opened.

    `version` is the one that choices are made over; `chosen` is what was chosen so far,
    `unchosen` the fields that were left without a choice.
    """

    def __init__(self, contact: Contact, sides: tuple[Side, ...], last: Activity | None, choices: Choices) -> None:
        super().__init__(f"version {contact.version} is newer")
        self.version = contact.version
        self.sides = sides
        self.who = last.actor if last else ""
        self.when = last.at if last else contact.updated_at
        self.chosen = choices.keep if choices.over == self.version else {}
        shown = choices.over == self.version
        self.unchosen = tuple(side.key for side in self.asked if shown and side.key not in self.chosen)

    @property
    def asked(self) -> tuple[Side, ...]:
        """The fields that both changed."""
        return tuple(side for side in self.sides if side.keep is None)

    @property
    def kept(self) -> tuple[Side, ...]:
        """The fields that only one changed, which nobody is asked about."""
        return tuple(side for side in self.sides if side.keep)


def resolve(
    session: Session, contact: Contact, changed: Changes, *, typed: Collection[str], seen: int, choices: Choices
) -> Changes:
    """Return which of the changes to save over a version that the form may not have shown.

    Args:
        changed: Saved and typed value by the key of each field that differs.
        typed: The keys of the fields that the form has.
        seen: The version that the form was opened with.
        choices: What was chosen where both changed a field.

    Raises:
        Conflict: The contact's version is another, and the person has not seen it, or not chosen everything.
    """
    if contact.version == seen:
        return changed
    saves = saves_since(session, contact, seen)
    sides = _sides(contact, changed, typed, saves, known=_is_whole(saves, contact.version - seen))
    if all(side.keep is Keep.SAVED for side in sides):
        return {}
    keep = {side.key: side.keep or choices.keep.get(side.key) for side in sides}
    if choices.over != contact.version or not all(keep.values()):
        raise Conflict(contact, sides, saves[0] if saves else None, choices)
    return {key: change for key, change in changed.items() if keep[key] is Keep.YOURS}


def over_code(contact: Contact, typed: Mapping[str, str], choices: Choices) -> Conflict:
    """Return the choice between the code that a contact has and one that is another's; all else is as typed."""
    now, tidy = columns.values_of(contact), clean(typed)
    changed = changes(now, {**now, **{key: tidy[key] for key in KEYS if key in typed}})
    keys = [key for key in KEYS if key in changed]
    sides = tuple(Side(key, *changed[key], None if key == CODE else Keep.YOURS) for key in keys)
    return Conflict(contact, sides, None, choices)


def _sides(
    contact: Contact, changed: Changes, typed: Collection[str], saves: list[Activity], *, known: bool
) -> tuple[Side, ...]:
    """Compare the form and what was saved since, both with the version that the form was opened with."""
    before = {key: old for save in saves for key, old, _ in save.changes}  # the oldest save comes last
    last = {key: save for save in reversed(saves) for key, *_ in save.changes}
    theirs = {key for key, old in before.items() if key not in typed and changes({key: old}, {key: _now(contact, key)})}
    found = []
    for key in sorted({*changed, *theirs}, key=KEYS.index):
        saved, yours = changed.get(key, (_now(contact, key), ""))
        keep = Keep.SAVED if key in theirs else _keep(before, key, yours) if known else None
        save = last.get(key)
        found.append(Side(key, saved, yours, keep, save.actor if save else "", save.at if save else None))
    return tuple(found)


def _keep(before: Mapping[str, str], key: str, yours: str) -> Keep | None:
    """Return whose value is kept without asking: that of the only one who changed it; None when both did."""
    if key not in before:
        return Keep.YOURS
    return None if changes({key: before[key]}, {key: yours}) else Keep.SAVED


def _now(contact: Contact, key: str) -> str:
    return by_key(key).kind.render(getattr(contact, key))


def _is_whole(saves: list[Activity], count: int) -> bool:
    """Return whether all that was saved since is known."""
    return len(saves) == count


def saves_since(session: Session, contact: Contact, seen: int) -> list[Activity]:
    """List the saves after a version of a contact, the newest first; each save raised it by one."""
    count = min(contact.version - seen, SEEN_MAX)
    if count < 1:
        return []
    query = select(Activity).where(
        Activity.business_id == contact.business_id,
        Activity.contact_id == contact.id,
        Activity.kind.in_(SAVES),
    )
    entries = session.scalars(query.order_by(Activity.id.desc()).limit(SEEN_MAX))
    return [entry for entry in entries if entry.changes][:count]
