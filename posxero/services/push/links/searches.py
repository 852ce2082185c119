"""Searches among Xero's contacts: a person asks, a job answers, and the page polls. No page waits for Xero."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from posxero.db.base import database_time, new_id
from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.lease import RELEASED_LEASE, lease_is_free, lease_is_held, lease_values
from posxero.db.xero_lookup import XeroSearch
from posxero.domain.enums import ConnectionState
from posxero.queue import JobQueue
from posxero.services import wait_reasons
from posxero.services.contacts import contacts
from posxero.services.errors import NotConnected
from posxero.services.push.due import may_send
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.services.xero_connection import access
from posxero.xero.contact_reading import read_copy
from posxero.xero.errors import ConsentLost, Limited, RetryLater, XeroError
from posxero.xero.ports import XeroPorts

RESULTS_MAX: Final = 20  # contacts of an answer
LEASE: Final = timedelta(seconds=60)  # longer than a call may take
MAX_SEARCH_AGE: Final = timedelta(minutes=2)  # in which a search is tried again; later nobody looks at it any more
TERM_MAX: Final = 255  # characters
EXPIRED: Final = "Xero didn't answer in time. Search again."
REFUSED: Final = "Xero can't search for this. Try another name or email."

log = structlog.get_logger(__name__)


def ask(session: Session, business_id: UUID, contact_id: UUID, term: str, *, now: datetime, jobs: JobQueue) -> None:
    """Ask for contacts of Xero by name, email or number, in place of an earlier search; commits, then enqueues the job.

    Raises:
        NotFound: There is no such customer in this business.
        NotConnected: There is no organisation to search in.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id, lock=True)
        connection = load_connection_status(session, business_id).connection
        if connection is None or connection.state is not ConnectionState.CONNECTED:
            raise NotConnected("Connect to Xero first, in Settings. Then search.")
        same = (XeroSearch.business_id == business_id, XeroSearch.contact_id == contact.id)
        session.execute(delete(XeroSearch).where(*same).execution_options(synchronize_session=False))
        session.add(
            XeroSearch(
                business_id=business_id,
                id=new_id(),
                tenant_id=connection.tenant_id,
                contact_id=contact.id,
                term=term.strip()[:TERM_MAX],
                asked_at=now,
            )
        )
    jobs.look_up(business_id)


def due_businesses(now: datetime) -> Select[UUID]:
    """Return the select of the businesses with searches that a worker may answer now."""
    waiting = (XeroSearch.answered_at.is_(None), lease_is_free(XeroSearch, now))
    pair = (Connection.business_id == XeroSearch.business_id) & (Connection.tenant_id == XeroSearch.tenant_id)
    return select(XeroSearch.business_id).join(Connection, pair).where(*waiting, may_send(now))


def answer_all(session: Session, connection: Connection, ports: XeroPorts) -> None:
    """Answer the searches of a business that wait, one call each. Ends the transaction."""
    while (search := _claim(session, connection)) is not None:
        search_id, term, asked_at, token = search
        try:
            columns = _ask_xero(session, connection, ports, term)
        except (RetryLater, ConsentLost) as error:
            log.info("search.delayed", business=str(connection.business_id), why=str(error))
            _write(session, connection, search_id, token, _delayed(session, error, asked_at))
            return
        _write(session, connection, search_id, token, columns)


def _ask_xero(session: Session, connection: Connection, ports: XeroPorts, term: str) -> dict[str, Any]:
    try:
        found = access.call(
            session,
            connection,
            ports,
            lambda client: client.contacts_by_term(term, page_size=RESULTS_MAX),
            now=database_time(session),
        )
    except (RetryLater, ConsentLost):
        raise
    except XeroError as error:
        log.warning("search.refused", business=str(connection.business_id), why=str(error))
        return {"reason": REFUSED, "answered_at": database_time(session)}
    results = [[str(one.contact_id), read_copy(one).to_json()] for one in found if one.contact_id.int]
    return {"results": results[:RESULTS_MAX], "reason": "", "answered_at": database_time(session)}


def _delayed(session: Session, error: RetryLater | ConsentLost, asked_at: datetime) -> dict[str, Any]:
    """Return what the row says while Xero cannot be asked; after a while it is over."""
    now = database_time(session)
    if isinstance(error, ConsentLost):
        return {"reason": error.reason, "answered_at": now}
    if now > asked_at + MAX_SEARCH_AGE:
        return {"reason": EXPIRED, "answered_at": now}
    return {
        "reason": wait_reasons.limit_reason(error) if isinstance(error, Limited) else wait_reasons.outage_reason(error)
    }


def _claim(session: Session, connection: Connection) -> tuple[UUID, str, datetime, UUID] | None:
    """Lease the search that waits longest; commits."""
    now, token = database_time(session), uuid4()
    session.commit()
    mine = (XeroSearch.business_id == connection.business_id, XeroSearch.tenant_id == connection.tenant_id)
    waiting = (*mine, XeroSearch.answered_at.is_(None), lease_is_free(XeroSearch, now))
    with writing(session):
        oldest = select(XeroSearch.id).where(*waiting).order_by(XeroSearch.asked_at).limit(1).scalar_subquery()
        row = session.execute(
            update(XeroSearch)
            .where(*waiting, XeroSearch.id == oldest)
            .values(lease_values(token, now=now, until=now + LEASE))
            .returning(XeroSearch.id, XeroSearch.term, XeroSearch.asked_at)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return (*row, token) if row else None


def _write(session: Session, connection: Connection, search_id: UUID, token: UUID, columns: dict[str, Any]) -> None:
    session.commit()
    mine = (XeroSearch.business_id == connection.business_id, XeroSearch.id == search_id)
    with writing(session):
        session.execute(
            update(XeroSearch)
            .where(*mine, lease_is_held(XeroSearch, token))
            .values(columns | RELEASED_LEASE)
            .execution_options(synchronize_session=False)
        )
