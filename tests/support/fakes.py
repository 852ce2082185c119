"""Stand-ins for what a service is given from outside. They behave; what happened is read from their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.ports import Ports
from posxero.queue import JobQueue
from posxero.services.accounts.throttle.counters import SharedCounters
from posxero.services.accounts.throttle.sign_in import SignInThrottle
from posxero.xero.limits import Limits
from posxero.xero.transport import open_http
from posxero.xero.vault import Vault

if TYPE_CHECKING:
    from uuid import UUID

    import httpx2
    from redis import Redis

    from posxero.settings import Settings


class RecordingQueue(JobQueue):
    """Remembers what was enqueued, and passes it on to Redis where there is one."""

    def __init__(self, redis: Redis | None = None) -> None:
        super().__init__(redis)
        self.pushes: list[UUID] = []  # of businesses
        self.imports: list[UUID] = []
        self.refolds: list[UUID] = []  # of businesses
        self.look_ups: list[UUID] = []  # of businesses
        self.checks: list[tuple[UUID, str]] = []  # of a business, and their kind
        self.reads: list[UUID] = []  # of what changed in Xero, of businesses

    def push(self, business_id: UUID, *, awaited: bool = False) -> None:
        self.pushes.append(business_id)
        super().push(business_id, awaited=awaited)

    def run_import(self, business_id: UUID, import_id: UUID) -> None:
        self.imports.append(import_id)
        super().run_import(business_id, import_id)

    def refold(self, business_id: UUID) -> None:
        self.refolds.append(business_id)
        super().refold(business_id)

    def look_up(self, business_id: UUID) -> None:
        self.look_ups.append(business_id)
        super().look_up(business_id)

    def check_drift(self, business_id: UUID, kind: str) -> None:
        self.checks.append((business_id, kind))
        super().check_drift(business_id, kind)

    def read_changes(self, business_id: UUID) -> None:
        self.reads.append(business_id)
        super().read_changes(business_id)


def open_ports(settings: Settings, *, transport: httpx2.BaseTransport | None = None) -> tuple[Ports, RecordingQueue]:
    """Build what services need from outside, without the app, and with a queue that reaches nobody.

    Args:
        settings: The addresses of Redis and of Xero.
        transport: What sends the requests to Xero, in place of connections.
    """
    jobs = RecordingQueue()
    ports = Ports(
        settings=settings,
        vault=Vault(settings.token_keys),
        limits=Limits.connect(settings),
        http=open_http(settings, transport=transport),
        jobs=jobs,
        throttle=SignInThrottle(SharedCounters(None), settings.secret_key),
    )
    return ports, jobs
