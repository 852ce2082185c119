"""Look into the database for what waits, and enqueue its jobs: nothing depends on a job arriving."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.drift_check import DriftCheck
from posxero.db.import_ import Import
from posxero.domain.enums import ConnectionState
from posxero.queue import JobQueue
from posxero.services import form_submissions
from posxero.services.contacts import drafts
from posxero.services.contacts.search.keys import businesses_to_refold
from posxero.services.drift import schedule
from posxero.services.imports import lease, pruning
from posxero.services.imports.files import uploads
from posxero.services.push.due import due_businesses
from posxero.services.push.links import copies, lookups
from posxero.services.sales import organisation
from posxero.services.xero_connection import grant_upkeep
from posxero.settings import Timings

MIN_SLEEP: Final = timedelta(seconds=0.25)  # between two sweeps, however many pauses end
# While something is being sent: a limit may pause a backlog for less than the time between two sweeps.
SLEEP_WHILE_DUE: Final = timedelta(seconds=1)


def run(session: Session, jobs: JobQueue, timings: Timings, *, now: datetime) -> int:
    """Enqueue every debt, import, check of Xero, grant and folding whose time has come; return how many.

    Drafts, staged rows of imports, uploaded files and answers of Xero that are too old are deleted, some in each sweep.

    A lease that ran out counts as free: the worker that takes such a link over verifies it first.
    """
    owing = due_businesses(session, now)
    imports = lease.due_imports(session, now=now)
    idle = grant_upkeep.due_grants(session, now=now, keep_alive=timings.keep_alive)
    folding = businesses_to_refold(session)
    looking_up = lookups.due_businesses(session, now=now)
    session.commit()
    drafts.delete_expired(session, now=now)
    form_submissions.delete_expired(session, now=now)
    copies.delete_expired(session, now=now)
    pruning.delete_old_rows(session, before=now - timings.import_rows, now=now)
    uploads.delete_old(session, before=now - timings.import_rows)
    pruning.empty_old_answers(session, before=now - timings.answers)
    for business_id in owing:
        jobs.push(business_id)
    for business_id, import_id in imports:
        jobs.run_import(business_id, import_id)
    for grant_id in idle:
        jobs.keep_alive(grant_id)
    for business_id in folding:
        jobs.refold(business_id)
    for business_id in looking_up:
        jobs.look_up(business_id)
    found = len(owing) + len(imports) + len(idle) + len(folding) + len(looking_up)
    return found + _check_xero(session, jobs, timings, now=now)


def _check_xero(session: Session, jobs: JobQueue, timings: Timings, *, now: datetime) -> int:
    """Enqueue what is to be read in Xero to learn what changed there; return how many jobs. Ends the transaction."""
    schedule.create_missing(session, timings, now=now)
    checks = schedule.claim_due(session, timings, now=now)
    changed = schedule.businesses_to_read(session, timings, now=now)
    organisations = organisation.due_businesses(session, now=now)
    session.commit()
    for business_id, kind in checks:
        jobs.check_drift(business_id, kind)
    for business_id in changed:
        jobs.read_changes(business_id)
    for business_id in organisations:
        jobs.read_organisation(business_id)
    return len(checks) + len(changed) + len(organisations)


def next_wake(session: Session, *, now: datetime, within: timedelta) -> timedelta:
    """Return how long the scheduler may sleep: until the first pause ends, at most `within`. Ends the transaction.

    While debts are due it sleeps for a second at most: a worker that sends them may begin a pause that is shorter.

    A pause of a connection holds back what is sent, one of an import what is read: each ends when its column says.
    Checks of what changed in Xero are due at their times.
    """
    connected = Connection.state == ConnectionState.CONNECTED
    pauses = [
        (Connection.paused_until, connected),
        (Connection.backlog_until, connected),
        (Import.paused_until, Import.finished_at.is_(None)),
        (DriftCheck.due_at, true()),
    ]
    ends = [select(func.min(column)).where(holds, column > now).scalar_subquery() for column, holds in pauses]
    found: list[datetime | None] = list(session.execute(select(*ends)).one())
    waits = [end - now for end in found if end is not None]
    if due_businesses(session, now):
        waits.append(SLEEP_WHILE_DUE)
    session.commit()
    return max(min([within, *waits]), MIN_SLEEP)
