"""Start an import, from Xero or of a file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.form_submission import FormPurpose
from posxero.db.import_ import Import
from posxero.domain.enums import ActivityKind, ConnectionState, Outcome, Phase
from posxero.domain.import_choices import OnMatch
from posxero.domain.security_events import SecurityEventKind
from posxero.queue import JobQueue
from posxero.services import activity, form_submissions
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor
from posxero.services.errors import NotConnected
from posxero.services.imports.errors import AlreadyRunning
from posxero.services.imports.files import uploads
from posxero.services.imports.queries import current, get, recent
from posxero.services.sync_status.connection_status import NO_TENANT
from posxero.services.xero_connection import connections

OF_A_FILE: Final = ("file_id", "file_columns", "on_match")
OTHER_ORGANISATION: Final = "Those contacts are in another organisation. Connect to it first."


class FileChoice(NamedTuple):
    """A file, what each of its columns holds (a key, or "" for nothing), and what becomes of customers who are here."""

    file_id: UUID
    columns: Sequence[str]
    on_match: OnMatch


class Scope(NamedTuple):
    """What an import reads, and whether it changes anything.

    Attributes:
        is_preview: It stops after matching, and changes no customer.
        retry_of: The import of the same organisation some of whose rows are read again; None reads everything.
        retry_outcome: Which rows.
        file: What is read instead of Xero.
    """

    is_preview: bool = False
    retry_of: UUID | None = None
    retry_outcome: Outcome | None = None
    file: FileChoice | None = None


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
    """Start reading the connected organisation, or a file, and commit.

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
    source = _source(session, business_id, scope)
    run = Import(
        business_id=business_id,
        id=new_id(),
        with_suppliers=with_suppliers,
        is_preview=scope.is_preview,
        retry_of=scope.retry_of,
        retry_outcome=scope.retry_outcome,
        phase=Phase.READING,
        phase_at=now,
        started_by=by.name,
        started_at=now,
        **source,
    )
    session.add(run)
    _record(session, run, now)
    kind, facts = SecurityEventKind.IMPORT_STARTED, {"import": str(run.id)}
    security_log.record(session, business_id, kind, by=by, now=now, subject=run.organisation, facts=facts)
    session.flush()
    return run


def _source(session: Session, business_id: UUID, scope: Scope) -> dict[str, Any]:
    """Return the columns that say what an import reads: a file, the rows of an earlier import of one, or Xero.

    Raises:
        NotFound: The file, or the earlier import, is not there.
        NotConnected: Xero is to be read, and cannot be.
    """
    if scope.file is not None:
        file = uploads.get(session, business_id, scope.file.file_id)
        chosen = {"file_columns": [*scope.file.columns], "on_match": scope.file.on_match}
        return {"tenant_id": NO_TENANT, "organisation": file.name, "file_id": file.id, "total": file.rows, **chosen}
    earlier = get(session, business_id, scope.retry_of) if scope.retry_of else None
    if earlier is not None and earlier.file_id is not None:
        return {name: getattr(earlier, name) for name in ("tenant_id", "organisation", *OF_A_FILE)}
    connection = connections.current(session, business_id)
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        raise NotConnected
    if earlier is not None and earlier.tenant_id != connection.tenant_id:
        raise NotConnected(OTHER_ORGANISATION)
    return {"tenant_id": connection.tenant_id, "organisation": connection.name}


def _record(session: Session, run: Import, now: datetime) -> None:
    columns: dict[str, Any] = {"import_id": run.id, "actor": run.started_by, "note": run.organisation}
    activity.record_entry(session, run.business_id, ActivityKind.IMPORT_STARTED, now=now, **columns)
