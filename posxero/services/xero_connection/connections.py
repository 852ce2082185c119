"""The connection of a business to one Xero organisation: find, make and end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.import_ import Import
from posxero.domain.enums import ActivityKind, ConnectionState, Phase
from posxero.domain.security_events import SecurityEventKind
from posxero.queue import JobQueue
from posxero.services import activity
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor
from posxero.services.xero_connection import grant_cleanup
from posxero.services.xero_connection.errors import TenantTaken
from posxero.services.xero_connection.tenants import Tenant


@dataclass(frozen=True, slots=True)
class LinkedOrganisation:
    """An organisation that customers of the business are linked to, and how many."""

    tenant_id: UUID
    name: str
    links: int


def current(session: Session, business_id: UUID) -> Connection | None:
    """Return the connection that was not ended, if there is one; it may be lost."""
    return session.scalar(
        select(Connection).where(Connection.business_id == business_id, Connection.state != ConnectionState.ENDED)
    )


def other_linked_organisation(session: Session, business_id: UUID, tenant_id: UUID) -> LinkedOrganisation | None:
    """Return the other organisation to which most customers are linked; None when there is no other."""
    row = session.execute(
        select(Link.tenant_id, func.count().label("links"))
        .where(Link.business_id == business_id, Link.tenant_id != tenant_id)
        .group_by(Link.tenant_id)
        .order_by(func.count().desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    name = select(Connection.name).where(Connection.business_id == business_id, Connection.tenant_id == row.tenant_id)
    return LinkedOrganisation(row.tenant_id, session.scalar(name.limit(1)) or "another organisation", row.links)


def must_match_first(session: Session, business_id: UUID, tenant_id: UUID) -> bool:
    """Return whether customers are linked to another organisation, and none of this one was imported yet.

    Until an import has matched them, adding one of them there might add it a second time.
    """
    if other_linked_organisation(session, business_id, tenant_id) is None:
        return False
    imported = exists().where(
        Import.business_id == business_id, Import.tenant_id == tenant_id, Import.phase == Phase.FINISHED
    )
    return not session.scalar(select(imported))


def lock_matching(session: Session, business_id: UUID, tenant_id: UUID, *, is_shared: bool = False) -> None:
    """Keep the import that `must_match_first` waits for from ending until this transaction ends.

    A sale takes a shared lock before it locks the customer, so that one of the two sees what the other committed.
    """
    query = select(Connection.id).where(Connection.business_id == business_id, Connection.tenant_id == tenant_id)
    session.execute(query.order_by(Connection.id).with_for_update(read=is_shared)).all()


def is_taken(session: Session, business_id: UUID, tenant_id: UUID) -> bool:
    """Return whether another business is connected to the organisation."""
    other = exists().where(
        Connection.tenant_id == tenant_id,
        Connection.business_id != business_id,
        Connection.state != ConnectionState.ENDED,
    )
    return bool(session.scalar(select(other)))


def connect(
    session: Session, business: Business, tenant: Tenant, *, grant_id: UUID, by: Actor, now: datetime
) -> Connection:
    """Connect a business to an organisation under a new grant. Commits.

    The same organisation again continues where it was: links stay, a lost connection comes back, what is owed is sent.
    Another organisation ends the current connection. Country, time zone and currency are filled where the business has
    none.

    Raises:
        TenantTaken: Another business is connected to it; nothing is changed.
    """
    with writing(session):
        session.refresh(business, with_for_update={"key_share": True})
        connection = _row_for(session, business.id, tenant.tenant_id, by=by, now=now)
        replaced_grant_id = connection.grant_id
        _fill_connection(connection, tenant, grant_id=grant_id, by=by, now=now)
        session.add(connection)
        _fill_business(business, tenant)
        try:
            session.flush()
        except IntegrityError as error:  # another business connected it in the meantime
            raise TenantTaken(tenant.name) from error
        if replaced_grant_id and replaced_grant_id != grant_id:
            grant_cleanup.delete_if_unused(session, replaced_grant_id)
        _record(session, connection, ActivityKind.CONNECTED, by=by, now=now)
        kind, facts = SecurityEventKind.CONNECTED, {"tenant": str(tenant.tenant_id)}
        security_log.record(session, business.id, kind, by=by, now=now, subject=tenant.name, facts=facts)
    return connection


def _fill_business(business: Business, tenant: Tenant) -> None:
    """Fill the country, time zone and currency that the business has not set; the caller commits."""
    business.country = business.country or tenant.country
    business.timezone = business.timezone or tenant.timezone
    business.currency = business.currency or tenant.currency


def disconnect(session: Session, business_id: UUID, *, by: Actor, now: datetime, jobs: JobQueue) -> None:
    """End the connection. From this commit on nothing is sent; links and what is owed stay.

    Commits, then enqueues the job that tells Xero and deletes the grant.
    """
    with writing(session):
        connection = current(session, business_id)
        if connection is None:
            return
        connection.state, connection.ended_at, connection.reason = ConnectionState.ENDED, now, ""
        _clear_pauses(connection)
        _record(session, connection, ActivityKind.DISCONNECTED, by=by, now=now)
        kind, facts = SecurityEventKind.DISCONNECTED, {"tenant": str(connection.tenant_id)}
        security_log.record(session, business_id, kind, by=by, now=now, subject=connection.name, facts=facts)
        grant_id = connection.grant_id
    if grant_id is not None:
        jobs.keep_alive(grant_id)


def set_history_notes(session: Session, business_id: UUID, *, wanted: bool) -> None:
    """Choose whether saved changes are noted in Xero's history of each contact. Commits.

    Notes that are owed stay owed, and wait while this is off.
    """
    with writing(session):
        connection = current(session, business_id)
        if connection is not None:
            connection.history_notes = wanted


def _row_for(session: Session, business_id: UUID, tenant_id: UUID, *, by: Actor, now: datetime) -> Connection:
    """Return the row for a connection to an organisation: its earlier one, or a new one. Ends that of another."""
    connection = current(session, business_id)
    if connection is not None and connection.tenant_id == tenant_id:
        return connection
    if connection is not None:
        connection.state, connection.ended_at = ConnectionState.ENDED, now
        _record(session, connection, ActivityKind.DISCONNECTED, by=by, now=now)
        session.flush()
    earlier = session.scalar(
        select(Connection)
        .where(Connection.business_id == business_id, Connection.tenant_id == tenant_id)
        .order_by(Connection.connected_at.desc())
        .limit(1)
    )
    if earlier is not None:
        earlier.ended_at = None
        return earlier
    return Connection(business_id=business_id, id=new_id(), tenant_id=tenant_id, grant_id=None)


def _fill_connection(connection: Connection, tenant: Tenant, *, grant_id: UUID, by: Actor, now: datetime) -> None:
    """Write the organisation, the grant and who connected it; nothing holds it back any more."""
    connection.xero_connection_id, connection.name = tenant.xero_connection_id, tenant.name
    connection.short_code = tenant.short_code or connection.short_code or ""
    connection.country = tenant.country or connection.country or ""
    connection.state, connection.reason = ConnectionState.CONNECTED, ""
    connection.outages = 0
    _clear_pauses(connection)
    connection.grant_id, connection.connected_at, connection.connected_by = grant_id, now, by.name


def _record(session: Session, connection: Connection, kind: ActivityKind, *, by: Actor, now: datetime) -> None:
    """Add an entry to Sync activity; the caller commits."""
    columns: dict[str, Any] = {"actor": by.name, "on_behalf_of": by.name, "note": connection.name}
    activity.record_entry(session, connection.business_id, kind, now=now, **columns)


def _clear_pauses(connection: Connection) -> None:
    connection.paused_at = connection.paused_until = connection.backlog_until = None
    connection.paused_reason = ""
