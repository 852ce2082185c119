"""How a business hears of changes in Xero, for Settings → Xero: by what, how often, and when each last worked."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.drift_check import DriftCheck
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.poll_interval import poll_interval
from posxero.settings import Settings

WEBHOOK_PATH = "/xero/webhook"


@dataclass(frozen=True, slots=True)
class ChangesOverview:
    """The checks of a connection; None for one that the scheduler has not created yet.

    Attributes:
        webhook: Of what Xero's webhooks named.
        poll: Of what changed since the last one.
        walk: Of everything, at night.
        interval: Between two polls.
        webhook_url: The address to give to Xero.
        is_key_set: Whether Xero's webhooks are believed: the key is never shown.
    """

    webhook: DriftCheck | None
    poll: DriftCheck | None
    walk: DriftCheck | None
    interval: timedelta
    webhook_url: str
    is_key_set: bool


def get(session: Session, settings: Settings, connection: Connection, *, used_today: int | None) -> ChangesOverview:
    """Return the overview of a connection.

    Args:
        session: Only read.
        settings: The address of the shop, the key, and how often polls are due.
        connection: The current one of a business.
        used_today: Calls to its organisation; None when they cannot be counted at the moment.
    """
    rows = session.scalars(
        select(DriftCheck).where(
            DriftCheck.business_id == connection.business_id, DriftCheck.tenant_id == connection.tenant_id
        )
    )
    checks, timings = {row.kind: row for row in rows}, settings.timings
    limit = settings.xero.day_limit
    return ChangesOverview(
        webhook=checks.get(DriftKind.WEBHOOK),
        poll=checks.get(DriftKind.POLL),
        walk=checks.get(DriftKind.WALK),
        interval=poll_interval(timings.poll, timings.poll_where_scarce, day_limit=limit, used_today=used_today),
        webhook_url=settings.public_url + WEBHOOK_PATH,
        is_key_set=bool(settings.xero.webhook_key),
    )
