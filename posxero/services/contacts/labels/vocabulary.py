"""The groups and tags that a business has: list them, add, rename or delete one."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.db.label import Label
from posxero.domain.labels import LabelKind, check_label_name, label_key, render_tags, split_tags
from posxero.domain.text import normalise
from posxero.services.contacts.labels import assignment
from posxero.services.contacts.labels.assignment import LabelChange
from posxero.services.contacts.lists import choices, saved_filters
from posxero.services.errors import Invalid, NotFound

LABELS_MAX: Final = 100  # of a kind: they are chosen from a list
Names = Mapping[LabelKind, Mapping[str, str]]  # name by `label_key`, of each kind


class InvalidLabel(Invalid):
    """A group or tag cannot be saved so."""


class LabelUse(NamedTuple):
    """A group or tag, and how many contacts have it, archived ones included."""

    id: UUID
    name: str
    contacts: int


def load_names(session: Session, business_id: UUID, *, lock: bool = False) -> dict[LabelKind, dict[str, str]]:
    """Return the names of a business's groups and tags, by `label_key`, in their order; one statement.

    Args:
        lock: Keep others from renaming or deleting them until the transaction ends.
    """
    query = select(Label.kind, Label.name_key, Label.name).where(Label.business_id == business_id)
    if lock:
        query = query.with_for_update(read=True)
    found: dict[LabelKind, dict[str, str]] = {kind: {} for kind in LabelKind}
    for kind, key, name in session.execute(query.order_by(Label.name_key)):
        found[kind][key] = name
    return found


def uses(session: Session, business_id: UUID) -> dict[LabelKind, list[LabelUse]]:
    """List the groups and tags of a business in the order of their names, with how many contacts have each."""
    counts = {LabelKind.GROUP: _group_counts(session, business_id), LabelKind.TAG: _tag_counts(session, business_id)}
    found: dict[LabelKind, list[LabelUse]] = {kind: [] for kind in LabelKind}
    labels = select(Label).where(Label.business_id == business_id).order_by(Label.name_key)
    for label in session.scalars(labels):
        found[label.kind].append(LabelUse(label.id, label.name, counts[label.kind][label.name]))
    return found


def get(session: Session, business_id: UUID, label_id: UUID, *, lock: bool = False) -> Label:
    """Load a group or tag.

    Args:
        lock: Read the row again and keep others from using it until the transaction ends.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    query = select(Label).where(Label.business_id == business_id, Label.id == label_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    label = session.scalar(query)
    if label is None:
        raise NotFound(label_id)
    return label


def count(session: Session, label: Label) -> int:
    """Count the contacts that have a group or tag."""
    shown = (assignment.has(label), Contact.merged_into.is_(None))
    return session.scalar(select(func.count()).select_from(Contact).where(*shown)) or 0


def add(session: Session, business_id: UUID, kind: LabelKind, name: str, *, now: datetime) -> Label:
    """Add a group or tag; commits.

    Raises:
        InvalidLabel: The name is wrong or taken, or there are too many.
    """
    name = _checked(name, kind)
    try:
        with writing(session):
            mine = (Label.business_id == business_id, Label.kind == kind)
            if (session.scalar(select(func.count()).select_from(Label).where(*mine)) or 0) >= LABELS_MAX:
                raise InvalidLabel({"name": f"You have {LABELS_MAX} {kind.many} already. Delete one first"})
            label = Label(business_id=business_id, id=new_id(), kind=kind, created_at=now)
            label.name, label.name_key = name, label_key(name)
            session.add(label)
            choices.refresh(session, business_id)
    except IntegrityError:
        raise _taken(name, kind) from None
    return label


def rename(session: Session, business_id: UUID, label_id: UUID, name: str) -> Label:
    """Rename a group or tag, for every contact that has it; commits. Their versions and histories stay as they are.

    Raises:
        NotFound: It is not there, or it is another business's.
        InvalidLabel: The name is wrong, or another's.
    """
    kind = get(session, business_id, label_id).kind
    name = _checked(name, kind)
    try:
        with writing(session):
            label = get(session, business_id, label_id, lock=True)
            session.execute(
                update(Contact)
                .where(assignment.has(label))
                .values(_renamed(label, name))
                .execution_options(synchronize_session=False)
            )
            saved_filters.rename_label(session, label, name)
            label.name, label.name_key = name, label_key(name)
            choices.refresh(session, business_id)
    except IntegrityError:
        raise _taken(name, kind) from None
    return label


def delete(session: Session, business_id: UUID, label_id: UUID, *, by: str, now: datetime) -> int:
    """Take a group or tag from every contact that has it, in steps that each commit, then delete it.

    Returns:
        From how many contacts it was taken.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    label, taken = get(session, business_id, label_id), 0
    removal = LabelChange.removal(label.kind, label.name)
    while True:
        with writing(session):
            label = get(session, business_id, label_id, lock=True)
            changed = assignment.change_next(session, label, removal, by=by, now=now)
            if not changed:
                saved_filters.delete_of_label(session, label)
                session.delete(label)
                choices.refresh(session, business_id)
                return taken
            taken += changed


def _renamed(label: Label, name: str) -> dict[str, object]:
    if label.kind is LabelKind.GROUP:
        return {"customer_group": name}
    return {"tags": func.replace(Contact.tags, f"|{label.name}|", f"|{name}|")}


def _checked(name: str, kind: LabelKind) -> str:
    name = normalise(name)
    problem = check_label_name(name, kind)
    if problem:
        raise InvalidLabel({"name": problem})
    return name


def _taken(name: str, kind: LabelKind) -> InvalidLabel:
    return InvalidLabel({"name": f"There is a {kind.value} {name} already"})


def _group_counts(session: Session, business_id: UUID) -> Counter[str]:
    ours = (Contact.business_id == business_id, Contact.merged_into.is_(None), assignment.GROUPED)
    grouped = select(Contact.customer_group, func.count()).where(*ours)
    return Counter({row[0]: row[1] for row in session.execute(grouped.group_by(Contact.customer_group))})


def _tag_counts(session: Session, business_id: UUID) -> Counter[str]:
    ours = (Contact.business_id == business_id, Contact.merged_into.is_(None), assignment.TAGGED)
    tagged = select(Contact.tags, func.count()).where(*ours)
    found: Counter[str] = Counter()
    for stored, number in session.execute(tagged.group_by(Contact.tags)):
        found.update(dict.fromkeys(split_tags(render_tags(stored)), number))
    return found
