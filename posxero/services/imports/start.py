"""Start an import."""

from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.form_submission import FormPurpose
from posxero.db.import_ import Import
from posxero.domain.enums import ActivityKind, ConnectionState, Outcome, Phase
from posxero.domain.security_events import SecurityEventKind
from posxero.queue import JobQueue
from posxero.services import activity, form_submissions
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor
from posxero.services.errors import NotConnected
from posxero.services.imports.errors import AlreadyRunning
from posxero.services.imports.queries import current, get, recent
from posxero.services.xero_connection import connections

OTHER_ORGANISATION: Final = "Those contacts are in another organisation. Connect to it first."


class Scope(NamedTuple):
    """What an import reads, and whether it changes anything.

    Attributes:
        is_preview: It stops after matching, and changes no customer.
        retry_of: The import of the same organisation some of whose rows are read again; None reads everything.
        retry_outcome: Which rows.
    """

    is_preview: bool = False
    retry_of: UUID | None = None
    retry_outcome: Outcome | None = None


EVERYTHING: Final = Scope()


def start(
    session: Session,
    jobs: JobQueue,
    business_id: UUID,
    *,
    with_suppliers: bool,
    by: Actor,
    now: datetime,
    idempotency_key: str = "",
    scope: Scope = EVERYTHING,
) -> Import:
    """Start reading the connected organisation, and commit.

    Args:
        session: Any; a transaction that only read is ended.
        jobs: Told once the import is stored.
        business_id: Whose.
        with_suppliers: Import contacts that are only suppliers, too.
        by: The user.
        now: The database's time.
        idempotency_key: Of the form; a second submission of it returns the import that the first started.
        scope: What it reads, and whether it changes anything.

    Raises:
        NotConnected: There is no working connection, or it is to another organisation than that of the scope.
        AlreadyRunning: An import of this business is running.
    """
    try:
        with writing(session):
            earlier = _started_by(session, business_id, idempotency_key)
            run = earlier or _store(session, business_id, scope, with_suppliers=with_suppliers, by=by, now=now)
            if earlier is None:
                form_submissions.record(session, business_id, idempotency_key, FormPurpose.IMPORT, run.id, now=now)
    except IntegrityError:  # another transaction started one a moment earlier
        earlier = _started_by(session, business_id, idempotency_key)
        if earlier is None:
            raise AlreadyRunning(recent(session, business_id, limit=1)[0].id) from None
        return earlier
    if earlier is None:
        jobs.run_import(business_id, run.id)
    return run


def _started_by(session: Session, business_id: UUID, idempotency_key: str) -> Import | None:
    """Load the import that an earlier submission of the form started."""
    import_id = form_submissions.find_result(session, business_id, idempotency_key, FormPurpose.IMPORT)
    return get(session, business_id, import_id) if import_id else None


def _store(
    session: Session, business_id: UUID, scope: Scope, *, with_suppliers: bool, by: Actor, now: datetime
) -> Import:
    running = current(session, business_id)
    if running is not None:
        raise AlreadyRunning(running.id)
    connection = connections.current(session, business_id)
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        raise NotConnected
    if scope.retry_of is not None and get(session, business_id, scope.retry_of).tenant_id != connection.tenant_id:
        raise NotConnected(OTHER_ORGANISATION)
    run = _run(connection, scope, with_suppliers=with_suppliers, by=by.name, now=now)
    session.add(run)
    _record(session, run, now)
    kind, facts = SecurityEventKind.IMPORT_STARTED, {"import": str(run.id)}
    security_log.record(session, business_id, kind, by=by, now=now, subject=run.organisation, facts=facts)
    session.flush()
    return run


def _run(connection: Connection, scope: Scope, *, with_suppliers: bool, by: str, now: datetime) -> Import:
    return Import(
        business_id=connection.business_id,
        id=new_id(),
        tenant_id=connection.tenant_id,
        organisation=connection.name,
        with_suppliers=with_suppliers,
        is_preview=scope.is_preview,
        retry_of=scope.retry_of,
        retry_outcome=scope.retry_outcome,
        phase=Phase.READING,
        phase_at=now,
        started_by=by,
        started_at=now,
    )


def _record(session: Session, run: Import, now: datetime) -> None:
    columns: dict[str, Any] = {"import_id": run.id, "actor": run.started_by, "note": run.organisation}
    activity.record_entry(session, run.business_id, ActivityKind.IMPORT_STARTED, now=now, **columns)
