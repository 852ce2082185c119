"""The security log: who did what to the accounts and the data of a business, when, and from where.

`record` is the only writer. The row stands in the transaction of what it records; the log
line is written when that transaction commits. Rows are never changed or deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.engine import writing
from posxero.db.security import ADDRESS_MAX, SecurityEvent
from posxero.domain.security_events import SecurityEventKind

PAGE_SIZE = 50  # events
TEXT_MAX = 255  # characters, of a name and of the detail
Facts = Mapping[str, str | int]
UNWRITTEN = "posxero.security_log"  # key of `Session.info`: log lines of the open transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from which network address."""

    name: str = ""
    user_id: UUID | None = None
    address: str = ""


NOBODY = Actor()
COMMAND_LINE = Actor(name="Command line")


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of the log, the newest event first."""

    events: list[SecurityEvent]
    number: int
    last: int


def record(
    session: Session,
    business_id: UUID,
    kind: SecurityEventKind,
    *,
    by: Actor,
    now: datetime,
    subject: str = "",
    detail: str = "",
    facts: Facts | None = None,
) -> None:
    """Add an event to the log; the caller commits.

    Args:
        subject: The name of whom or what it was done to.
        detail: What else the owner should read.
        facts: More for the log line, which holds neither `subject` nor `detail`: no names, no emails, no secrets.
    """
    row = SecurityEvent(
        business_id=business_id,
        id=new_id(),
        at=now,
        kind=kind,
        actor=by.name[:TEXT_MAX],
        actor_id=by.user_id,
        subject=subject[:TEXT_MAX],
        detail=detail[:TEXT_MAX],
        address=by.address[:ADDRESS_MAX],
    )
    session.add(row)
    line = {"business": str(business_id), "actor": str(by.user_id or ""), "address": row.address}
    session.info.setdefault(UNWRITTEN, []).append((kind, {**line, **(facts or {})}))


def record_export(session: Session, business_id: UUID, *, by: Actor, now: datetime, subject: str) -> None:
    """Record that somebody downloads a file, before it is sent. Commits."""
    with writing(session):
        record(session, business_id, SecurityEventKind.EXPORTED, by=by, now=now, subject=subject)


def write_line(kind: SecurityEventKind, facts: Facts) -> None:
    """Write the log line of an event that belongs to no business, or whose row would be one too many."""
    level = log.warning if kind.is_warning else log.info
    level(f"security.{kind.value}", **facts)


def read(session: Session, business_id: UUID, *, kind: SecurityEventKind | None, page: int) -> EventPage:
    """Return a page of a business's log; a page past the last is the last.

    Args:
        kind: Only events of this kind; None for all.
        page: Counted from 1.
    """
    wanted = [SecurityEvent.business_id == business_id]
    if kind is not None:
        wanted.append(SecurityEvent.kind == kind)
    count = session.scalar(select(func.count()).select_from(SecurityEvent).where(*wanted)) or 0
    last = max(1, -(-count // PAGE_SIZE))
    number = min(max(1, page), last)
    newest = select(SecurityEvent).where(*wanted).order_by(SecurityEvent.at.desc(), SecurityEvent.id.desc())
    return EventPage(list(session.scalars(newest.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE))), number, last)


def raise_alert(session: Session, business_id: UUID, *, now: datetime) -> None:
    """Show the owners of a business a notice until one of them has seen it; the caller commits."""
    session.execute(update(Business).where(Business.id == business_id).values(security_alert_at=now))


def acknowledge_alert(session: Session, business: Business) -> None:
    """Dismiss the notice."""
    with writing(session):
        session.execute(update(Business).where(Business.id == business.id).values(security_alert_at=None))


@event.listens_for(Session, "after_commit")
def _write_lines(session: Session) -> None:
    lines: list[tuple[SecurityEventKind, Facts]] = session.info.pop(UNWRITTEN, [])
    for kind, facts in lines:
        write_line(kind, facts)


@event.listens_for(Session, "after_rollback")
def _drop_lines(session: Session) -> None:
    session.info.pop(UNWRITTEN, None)
