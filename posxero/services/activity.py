"""Write the history: who did what to a contact, and what Xero answered. Entries are only ever added.

Their payloads may be emptied: `empty_payloads` removes what was sent and answered after a while,
`erase_payloads` everything that is known of a contact. The entry stays and says so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from posxero.db.activity import HAS_EXCHANGE, Activity, ActivityPayload, join_keys
from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.db.engine import rows_changed
from posxero.domain.enums import ActivityKind
from posxero.domain.redaction import Redactor


def record(
    session: Session,
    contact: Contact,
    kind: ActivityKind,
    *,
    by: str,
    now: datetime,
    changes: Mapping[str, tuple[str, str]] | None = None,
    revision: int | None = None,
    note: str = "",
    sale_id: UUID | None = None,
) -> None:
    """Add an entry about a contact; the caller commits.

    Args:
        changes: Value before and after, by field key.
        revision: What Xero will be owed, when the act raised it.
        note: What else to say.
        sale_id: The sale that it is about.
    """
    changed = [[key, before, after] for key, (before, after) in (changes or {}).items()]
    record_entry(
        session,
        contact.business_id,
        kind,
        now=now,
        contact_id=contact.id,
        actor=by,
        changes=changed,
        revision=revision,
        note=note,
        sale_id=sale_id,
    )


def record_entry(
    session: Session,
    business_id: UUID,
    kind: ActivityKind,
    *,
    now: datetime,
    changes: Sequence[Any] = (),
    sent: Mapping[str, str] | None = None,
    answer: str = "",
    **columns: Any,
) -> None:
    """Add an entry about a contact, an import or the whole business; the caller commits.

    Args:
        changes: [field key, before, after].
        sent: What Xero was sent, by field key.
        answer: Xero's answer as it came.
        columns: Further columns of `Activity`.
    """
    entry = Activity(business_id=business_id, id=new_id(), at=now, kind=kind, **columns)
    if changes or sent or answer:
        entry.field_keys = join_keys(key for key, *_ in changes)
        entry.payload = ActivityPayload(changes=list(changes), sent=dict(sent) if sent else None, answer=answer)
    session.add(entry)


def record_many(session: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add entries in two statements; the caller commits.

    Args:
        entries: The columns of `Activity`, `changes` as [field key, before, after], and `answer` where Xero gave one.
    """
    rows, payloads = [], []
    for columns in entries:
        row = {**columns, "id": columns.get("id") or new_id()}
        changes, answer = row.pop("changes"), row.pop("answer", "")
        rows.append({**row, "field_keys": join_keys(key for key, *_ in changes)})
        if changes or answer:
            payloads.append({"business_id": row["business_id"], "id": row["id"], "changes": changes, "answer": answer})
    if rows:
        session.execute(insert(Activity), rows)
    if payloads:
        session.execute(insert(ActivityPayload), payloads)


def empty_payloads(session: Session, *, before: datetime, limit: int) -> int:
    """Remove what Xero was sent and answered from old entries; what a save changed is kept. The caller commits.

    Args:
        before: Of entries older than this.
        limit: Of so many entries at most; the oldest go first.

    Returns:
        How many entries were emptied.
    """
    oldest = select(ActivityPayload.business_id, ActivityPayload.id).where(HAS_EXCHANGE)
    oldest = oldest.order_by(ActivityPayload.id).limit(limit)
    due = select(Activity.business_id, Activity.id).where(
        tuple_(Activity.business_id, Activity.id).in_(oldest), Activity.at < before
    )
    return _empty(session, due, sent=None, answer="", is_emptied=True)


def erase_payloads(session: Session, business_id: UUID, contact_id: UUID) -> int:
    """Remove every value and note from the history of a contact, and count the payloads; the caller commits."""
    own = (Activity.business_id == business_id, Activity.contact_id == contact_id, Activity.note != "")
    session.execute(update(Activity).where(*own).values(note="").execution_options(synchronize_session=False))
    entries = select(Activity.business_id, Activity.id).where(
        Activity.business_id == business_id, Activity.contact_id == contact_id
    )
    return _empty(session, entries, changes=[], sent=None, answer="", is_emptied=True)


def erase_merge(
    session: Session, business_id: UUID, survivor_id: UUID, *, merged_at: datetime, undone_at: datetime
) -> None:
    """Remove what the history of a contact has of another that was merged into it until that was undone.

    The caller commits.
    """
    of_survivor = (Activity.business_id == business_id, Activity.contact_id == survivor_id)
    meanwhile = select(Activity.business_id, Activity.id).where(*of_survivor, Activity.at.between(merged_at, undone_at))
    kinds = (ActivityKind.MERGED, ActivityKind.MERGE_UNDONE)
    _empty(session, meanwhile.where(Activity.kind.in_(kinds)), changes=[], is_emptied=True)
    _empty(session, meanwhile, sent=None, answer="", is_emptied=True)


def redact_notes(session: Session, business_id: UUID, redactor: Redactor) -> None:
    """Take what identifies a person out of the notes about others; the caller commits."""
    for value in redactor.values:
        named = (
            Activity.business_id == business_id,
            func.lower(Activity.note).contains(value.lower(), autoescape=True),
        )
        for entry_id, note in session.execute(select(Activity.id, Activity.note).where(*named)).all():
            this = (Activity.business_id == business_id, Activity.id == entry_id)
            changed = update(Activity).where(*this).values(note=redactor.redact(note))
            session.execute(changed.execution_options(synchronize_session=False))


def _empty(session: Session, entries: Any, **columns: Any) -> int:
    emptied = session.execute(
        update(ActivityPayload)
        .where(tuple_(ActivityPayload.business_id, ActivityPayload.id).in_(entries))
        .values(columns)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(emptied)
