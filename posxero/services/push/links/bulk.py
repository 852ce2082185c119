"""Cure many links in trouble at once: try them again, create them again, unlink them, or follow merges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true, update
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import rows_changed, writing
from posxero.domain.enums import GONE_STATES, ActivityKind, LabelledEnum
from posxero.queue import JobQueue
from posxero.services import activity
from posxero.services.push import linking
from posxero.services.push.linking import CreationUnresolved, remove_link
from posxero.services.push.links import trouble
from posxero.services.push.links.following import SurvivorTaken, SurvivorUnknown, follow_link
from posxero.services.push.links.trouble import Cause
from posxero.services.push.retry import RETRY_NOW
from posxero.services.sync_status.connection_status import load_connection_status

MAX_AT_ONCE: Final = 500  # links that one press cures, one by one; trying again takes all
BATCH: Final = 50  # links a transaction


class BulkCure(LabelledEnum):
    """What can be done to all links of a cause."""

    TRY_AGAIN = "try_again", "Try again"
    FOLLOW = "follow", "Link to the contacts they were merged into"
    CREATE = "create", "Create in Xero again"
    UNLINK = "unlink", "Unlink from Xero"


CURES: Final[Mapping[Cause, tuple[BulkCure, ...]]] = {
    Cause.NAME_TAKEN: (BulkCure.TRY_AGAIN,),
    Cause.NUMBER_TAKEN: (BulkCure.TRY_AGAIN,),
    Cause.DETAILS: (),
    Cause.OTHER: (BulkCure.TRY_AGAIN,),
    Cause.ARCHIVED: (BulkCure.TRY_AGAIN, BulkCure.UNLINK),
    Cause.MERGED: (BulkCure.FOLLOW, BulkCure.UNLINK),
    Cause.ERASED: (BulkCure.UNLINK,),
    Cause.MISSING: (BulkCure.TRY_AGAIN, BulkCure.CREATE, BulkCure.UNLINK),
}


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many links were cured, and how many need a person's decision."""

    cured: int
    left: int = 0


def count(session: Session, business_id: UUID, cause: Cause, cure: BulkCure) -> int:
    """Count the links that a press cures; 0 for a cure that does not fit the cause."""
    if cure not in CURES[cause]:
        return 0
    tenant_id = load_connection_status(session, business_id).tenant_id
    found = session.scalar(
        select(func.count()).select_from(Link).where(*trouble.of_tenant(business_id, tenant_id, cause), _fits(cure))
    )
    return (found or 0) if cure is BulkCure.TRY_AGAIN else min(found or 0, MAX_AT_ONCE)


def cure_all(
    session: Session, business: Business, cause: Cause, cure: BulkCure, *, by: str, now: datetime, jobs: JobQueue
) -> BulkResult:
    """Cure the links of a cause; commits, a batch at a time, then enqueues a push."""
    status = load_connection_status(session, business.id)
    connection, tenant_id = status.connection, status.tenant_id
    session.commit()
    if cure not in CURES[cause] or connection is None:
        return BulkResult(0)
    if cure is BulkCure.TRY_AGAIN:
        result = BulkResult(_try_again(session, business.id, tenant_id, cause, by=by, now=now))
    else:

        def cure_one(contact: Contact, link: Link) -> bool:
            if cure is BulkCure.CREATE:
                linking.recreate(session, contact, link, connection, by=by, now=now, is_awaited=False)
                return True
            act = _follow if cure is BulkCure.FOLLOW else _unlink
            return act(session, business, contact, link, by=by, now=now)

        result = _cure_each(session, business.id, tenant_id, cause, cure, cure_one)
    if result.cured and cure is not BulkCure.UNLINK:
        jobs.push(business.id)
    return result


def _fits(cure: BulkCure) -> ColumnElement[bool]:
    return Link.survivor.is_not(None) if cure is BulkCure.FOLLOW else true()


def _try_again(session: Session, business_id: UUID, tenant_id: UUID, cause: Cause, *, by: str, now: datetime) -> int:
    """Push links once more; what was gone from Xero is read first, and replaced only where something is owed."""
    is_gone = Link.state.in_(GONE_STATES)
    with writing(session):
        freed = session.execute(
            update(Link)
            .where(*trouble.of_tenant(business_id, tenant_id, cause))
            .values(
                RETRY_NOW
                | {
                    "owed_at": now,
                    "owed_by_person": False,
                    "verify_due": or_(Link.verify_due, is_gone),
                    "refresh_due": or_(Link.refresh_due, and_(is_gone, Link.sent_revision >= Link.owed_revision)),
                }
            )
            .execution_options(synchronize_session=False)
        )
        number = rows_changed(freed)
        if number:
            note = f"{cause.label}: {number:,}."
            activity.record_entry(session, business_id, ActivityKind.TRIED_AGAIN, now=now, actor=by, note=note)
    return number


def _cure_each(
    session: Session,
    business_id: UUID,
    tenant_id: UUID,
    cause: Cause,
    cure: BulkCure,
    cure_one: Callable[[Contact, Link], bool],
) -> BulkResult:
    """Cure links one by one, a batch a transaction, `MAX_AT_ONCE` at the most."""
    cured, seen, after = 0, 0, UUID(int=0)
    pair = and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id)
    while seen < MAX_AT_ONCE:
        with writing(session):
            rows = session.execute(
                select(Contact, Link)
                .join(Contact, pair)
                .where(*trouble.of_tenant(business_id, tenant_id, cause), _fits(cure), Link.id > after)
                .order_by(Link.id)
                .limit(BATCH)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).all()
            after = rows[-1].Link.id if rows else after
            cured += sum([cure_one(contact, link) for contact, link in rows])
        seen += len(rows)
        if len(rows) < BATCH:
            break
    return BulkResult(cured, seen - cured)


def _unlink(session: Session, business: Business, contact: Contact, link: Link, *, by: str, now: datetime) -> bool:  # noqa: ARG001 - called like `_follow`
    try:
        remove_link(session, contact, link, by=by, now=now)
    except CreationUnresolved:
        return False
    return True


def _follow(session: Session, business: Business, contact: Contact, link: Link, *, by: str, now: datetime) -> bool:
    try:
        follow_link(session, business, contact, link, by=by, now=now)
    except (SurvivorTaken, SurvivorUnknown):
        return False
    return True
