"""Settings → Security log: who did what, when and from where."""

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import security_log
from posxero.web.htmx import go_to, render, request
from posxero.web.numbers import parse_int
from posxero.web.sign_in import allowed

KINDS = (("", "All events"), *((kind.value, kind.label) for kind in SecurityEventKind))


@bp.get("/security")
@allowed(Right.OWN)
def security() -> ResponseReturnValue:
    """List the events, 50 a page, of one kind or of all."""
    asked = request.args.get("kind", "")
    kind = SecurityEventKind(asked) if asked in set(SecurityEventKind) else None
    found = security_log.read(db.session, g.business.id, kind=kind, page=parse_int(request.args.get("page"), 1))
    url = url_for(".security", kind=kind.value) if kind else url_for(".security")
    context: dict[str, Any] = {"found": found, "kinds": KINDS, "kind": kind.value if kind else "", "url": url}
    return render("settings/security.html", block={"results": "results"}, **context)


@bp.post("/security/seen")
@allowed(Right.OWN)
def security_seen() -> ResponseReturnValue:
    """Dismiss the notice of many wrong passwords."""
    security_log.acknowledge_alert(db.session, g.business)
    return go_to(url_for(".security"))
