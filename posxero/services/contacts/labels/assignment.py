"""Set or remove the group or a tag of many contacts at once: versions rise, and history says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.label import Label
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import by_key
from posxero.domain.labels import TAGS_MAX, LabelKind, join_tags, label_key, split_tags, tag_pattern
from posxero.services import activity

BATCH: Final = 500  # contacts of one transaction
# A literal, not a parameter: only then does SQLite use the partial indexes.
GROUPED: Final = Contact.customer_group != literal_column("''")
TAGGED: Final = Contact.tags != literal_column("''")


@dataclass(frozen=True)
class LabelChange:
    """A tag to add or to remove, or a group to set: "" is none."""

    kind: LabelKind
    name: str
    is_removal: bool = False

    @classmethod
    def removal(cls, kind: LabelKind, name: str) -> Self:
        """Return what takes a label away."""
        return cls(kind, "" if kind is LabelKind.GROUP else name, is_removal=True)

    def apply(self, value: str) -> str:
        """Return the value of the field after the change; one that has no room for another tag stays."""
        if self.kind is LabelKind.GROUP:
            return self.name
        others = [name for name in split_tags(value) if label_key(name) != label_key(self.name)]
        if self.is_removal:
            return join_tags(others)
        return join_tags([*others, self.name]) if len(others) < TAGS_MAX else value


def has(label: Label) -> ColumnElement[bool]:
    """Return the condition of the contacts that have a group or tag."""
    ours = Contact.business_id == label.business_id
    if label.kind is LabelKind.GROUP:
        return and_(ours, GROUPED, Contact.customer_group == label.name)
    return and_(ours, TAGGED, Contact.tags.like(tag_pattern(label.name), escape="/"))


def change_next(session: Session, label: Label, change: LabelChange, *, by: str, now: datetime) -> int:
    """Change the next `BATCH` contacts that have a label; the caller commits. Returns how many were changed."""
    ids = session.scalars(select(Contact.id).where(has(label)).limit(BATCH)).all()
    return change_labels(session, label.business_id, ids, change, by=by, now=now)


def change_labels(
    session: Session, business_id: UUID, ids: Sequence[UUID], change: LabelChange, *, by: str, now: datetime
) -> int:
    """Change the groups or tags of contacts in three statements; the caller commits. Returns how many were changed."""
    field = by_key(change.kind.field_key)
    column = getattr(Contact, field.key)
    query = select(Contact.id, column).where(Contact.business_id == business_id, Contact.id.in_(ids))
    changed: dict[UUID, tuple[str, str]] = {}
    for contact_id, stored in session.execute(query.order_by(Contact.id).with_for_update()):
        before = field.kind.render(stored)
        after = change.apply(before)
        if not field.kind.is_unchanged(before, after):
            changed[contact_id] = (before, after)
    if changed:
        _store(session, business_id, field.key, {key: field.kind.parse(new) for key, (_, new) in changed.items()}, now)
        activity.record_many(session, [_entry(business_id, one, field.key, changed[one], by, now) for one in changed])
    return len(changed)


def _store(session: Session, business_id: UUID, key: str, stored: Mapping[UUID, Any], now: datetime) -> None:
    table = Contact.__table__
    statement = (
        update(table)  # type: ignore[arg-type]  # a Table, as Core wants for executemany
        .where(table.c.business_id == business_id, table.c.id == bindparam("contact"))
        .values({key: bindparam("stored"), "version": table.c.version + 1, "updated_at": now})
    )
    rows = [{"contact": contact_id, "stored": value} for contact_id, value in stored.items()]
    session.connection().execute(statement, rows)
    session.expire_all()


def _entry(
    business_id: UUID, contact_id: UUID, key: str, change: tuple[str, str], by: str, now: datetime
) -> dict[str, Any]:
    return {
        "business_id": business_id,
        "at": now,
        "kind": ActivityKind.EDITED,
        "contact_id": contact_id,
        "actor": by,
        "changes": [[key, *change]],
    }
