"""For whoever watches the processes: is it up, is it ready."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from posxero import ports
from posxero.db.migrate import is_current
from posxero.db.session import db
from posxero.web.sign_in import public

bp = Blueprint("health", __name__)
T = TypeVar("T", bound=Callable[..., ResponseReturnValue])


def plain(view: T) -> T:
    """Answer over http, too: a balancer asks from inside, and takes a redirect to https for a failure."""
    view.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]  # Flask-Talisman's own mark
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
    """Answer 503 without a migrated database. Without Redis the shop goes on: only slower to reach Xero."""
    try:
        migrated = is_current(db.session.connection())
    except SQLAlchemyError:
        return {"database": "unreachable"}, 503
    if not migrated:
        return {"database": "migrations missing"}, 503
    return {"database": "ready", "redis": "ready" if ports.current().queue.reachable() else "degraded"}
