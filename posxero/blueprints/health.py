"""Health checks for whatever watches the processes: liveness and readiness."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from posxero.db import disk
from posxero.db.base import database_time
from posxero.db.migrate import is_current
from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.sync_status import heartbeats
from posxero.services.sync_status.degradation_log import DegradationLog
from posxero.web.sign_in import public

bp = Blueprint("health", __name__)
watch = DegradationLog()
T = TypeVar("T", bound=Callable[..., ResponseReturnValue])


def plain(view: T) -> T:
    """Answer over http, too: a load balancer asks from inside, and takes a redirect to https for a failure."""
    view.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]  # an attribute that Flask-Talisman reads
    return view


@bp.get("/healthz")
@plain
@public
def healthz() -> ResponseReturnValue:
    """Answer that the process is up."""
    return {"status": "up"}


@bp.get("/readyz")
@plain
@public
def readyz() -> ResponseReturnValue:
    """Answer 503 without a migrated database.

    With other parts away the shop keeps working, only slower to reach Xero: 200, and which are degraded.
    """
    try:
        migrated = is_current(db.session.connection())
        degraded = _degraded() if migrated else {}
    except SQLAlchemyError:
        return {"database": "unreachable"}, 503
    if not migrated:
        return {"database": "migrations missing"}, 503
    watch.note(degraded)
    return {"database": "ready", "redis": "ready"} | degraded


def _degraded() -> dict[str, str]:
    """Return the parts that do not work as they should, and in what way."""
    ports = current_ports()
    seen, now = heartbeats.last_seen(db.session), database_time(db.session)
    late = heartbeats.late_processes(seen, ports.settings.timings, now=now)
    degraded = {one.process: f"degraded: not seen since {one.since:%Y-%m-%dT%H:%M:%SZ}" for one in late}
    if not ports.jobs.reachable():
        degraded["redis"] = "degraded"
    if disk.is_full(disk.folders(ports.settings.database_url, ports.settings.data_dir)):
        degraded["disk"] = "degraded: full"
    return degraded
