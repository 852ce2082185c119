"""Enqueue jobs for the workers, by name, in RQ.

The database is the truth, and a job may be lost, doubled or late: the sweep finds
whatever is owed. So nothing here raises, and nothing waits long for Redis.
"""

from typing import Any
from uuid import UUID

import structlog
from redis import Redis, RedisError
from rq import Queue

from posxero.redis_client import page_client
from posxero.settings import Settings

PUSH, IMPORT, UPKEEP = "push", "import", "upkeep"
QUEUES = (PUSH, IMPORT, UPKEEP)
SERIALIZER = "json"  # never pickle: what is in Redis must not be able to run
JOBS = {
    "push": "posxero.jobs.push.push",
    "run_import": "posxero.jobs.run_import.run_import",
    "read_changes": "posxero.jobs.read_changes.read_changes",
    "check_drift": "posxero.jobs.check_drift.check_drift",
    "keep_alive": "posxero.jobs.keep_alive.keep_alive",
    "refold": "posxero.jobs.refold.refold",
    "read_organisation": "posxero.jobs.read_organisation.read_organisation",
    "look_up": "posxero.jobs.look_up.look_up",
}
JOB_TIMEOUT = 180  # seconds; far above every time-out of a call inside
FAILURE_TTL = 300  # seconds that RQ keeps a failed job; what failed is on its own row
WAITING_KEY_TTL = 30  # seconds at most in which a waiting job stands for further ones; a killed worker may have lost it
IMPORT_KEY_TTL = 300  # seconds; the job of an import may wait for the slices of several others

log = structlog.get_logger(__name__)


class JobQueue:
    """The queues of the workers, or none when Redis is not configured."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis

    def push(self, business_id: UUID, *, awaited: bool = False) -> None:
        """Enqueue a push of what a business owes Xero.

        While a push of this business waits in the queue, no other is added: the one
        that waits reads every debt when it starts (`push_began` ends the waiting).

        Args:
            awaited: A person waits for it: it goes to the front of the queue, before backlogs.
        """
        once = _push_waiting_key(business_id, awaited=awaited)
        self._enqueue(PUSH, "push", str(business_id), once=once, at_front=awaited)

    def push_began(self, business_id: UUID) -> None:
        """Record, before the debts are read, that a push of this business has begun."""
        self._forget(_push_waiting_key(business_id), _push_waiting_key(business_id, awaited=True), job="push_began")

    def run_import(self, business_id: UUID, import_id: UUID) -> None:
        """Enqueue the next part of an import, unless one waits in the queue already."""
        once = _import_waiting_key(import_id)
        self._enqueue(IMPORT, "run_import", str(business_id), str(import_id), once=once, once_for=IMPORT_KEY_TTL)

    def run_import_began(self, import_id: UUID) -> None:
        """Record, before the import is claimed, that the job of its next part has begun."""
        self._forget(_import_waiting_key(import_id), job="run_import_began")

    def read_changes(self, business_id: UUID) -> None:
        """Enqueue the read of what webhooks of Xero named, unless one waits in the queue already."""
        self._enqueue(UPKEEP, "read_changes", str(business_id), once=_changes_waiting_key(business_id))

    def read_changes_began(self, business_id: UUID) -> None:
        """Record, before the ids are loaded, that a read of what changed has begun."""
        self._forget(_changes_waiting_key(business_id), job="read_changes_began")

    def check_drift(self, business_id: UUID, kind: str) -> None:
        """Enqueue a check of what changed in Xero, of a `DriftKind`."""
        self._enqueue(UPKEEP, "check_drift", str(business_id), kind)

    def keep_alive(self, grant_id: UUID) -> None:
        """Enqueue the upkeep of a grant: cleaning up after a disconnection, and the refresh of old tokens."""
        self._enqueue(UPKEEP, "keep_alive", str(grant_id), once=f"posxero:keep-alive-waits:{grant_id}")

    def refold(self, business_id: UUID) -> None:
        """Enqueue folding the phone numbers of a business by its new country."""
        self._enqueue(UPKEEP, "refold", str(business_id), once=f"posxero:refold-waits:{business_id}")

    def read_organisation(self, business_id: UUID) -> None:
        """Enqueue reading the accounts, tax rates and lock dates of a business's organisation."""
        self._enqueue(UPKEEP, "read_organisation", str(business_id), once=_organisation_waiting_key(business_id))

    def read_organisation_began(self, business_id: UUID) -> None:
        """Record, before Xero is asked, that a reading of this business's organisation has begun."""
        self._forget(_organisation_waiting_key(business_id), job="read_organisation_began")

    def look_up(self, business_id: UUID) -> None:
        """Enqueue reading in Xero what pages of a business wait for."""
        self._enqueue(PUSH, "look_up", str(business_id), once=_look_up_waiting_key(business_id), at_front=True)

    def look_up_began(self, business_id: UUID) -> None:
        """Record, before it is read what to look up, that a job of this business has begun."""
        self._forget(_look_up_waiting_key(business_id), job="look_up_began")

    def reachable(self) -> bool:
        """Return whether Redis answers."""
        try:
            return self._redis is not None and bool(self._redis.ping())
        except RedisError:
            return False

    def _forget(self, *keys: str, job: str) -> None:
        if self._redis is None:
            return
        try:
            self._redis.delete(*keys)
        except RedisError as error:
            log.warning("job.key_not_cleared", job=job, error=repr(error))

    def _enqueue(
        self,
        queue: str,
        job: str,
        *arguments: str,
        once: str = "",
        once_for: int = WAITING_KEY_TTL,
        at_front: bool = False,
    ) -> None:
        if self._redis is None:
            return
        try:
            if once and not self._redis.set(once, "1", nx=True, ex=once_for):
                return
            rq = Queue(queue, connection=self._redis, serializer=SERIALIZER)
            options: dict[str, Any] = {"timeout": JOB_TIMEOUT, "result_ttl": 0, "failure_ttl": FAILURE_TTL}
            rq.enqueue_call(JOBS[job], args=arguments, description=job, at_front=at_front, **options)
        except RedisError as error:
            log.warning("job.not_enqueued", job=job, error=repr(error))


def job_queue(settings: Settings) -> JobQueue:
    """Open the queue of a process. Redis is not asked yet: it may be away."""
    return JobQueue(page_client(settings))


def _push_waiting_key(business_id: UUID, *, awaited: bool = False) -> str:
    return f"posxero:push-waits:{business_id}{':awaited' if awaited else ''}"


def _look_up_waiting_key(business_id: UUID) -> str:
    return f"posxero:look-up-waits:{business_id}"


def _import_waiting_key(import_id: UUID) -> str:
    return f"posxero:import-waits:{import_id}"


def _changes_waiting_key(business_id: UUID) -> str:
    return f"posxero:read-changes-waits:{business_id}"


def _organisation_waiting_key(business_id: UUID) -> str:
    return f"posxero:organisation-waits:{business_id}"
