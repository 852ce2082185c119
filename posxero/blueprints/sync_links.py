"""Links in trouble: by cause, with what cures many of them at once."""

from typing import Any

from flask import Blueprint, Response, g, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.accounts import security_log
from posxero.services.push.kinds import contact_reasons as reasons
from posxero.services.push.links import bulk, trouble
from posxero.services.push.links.bulk import CURES, BulkCure, BulkResult
from posxero.services.push.links.trouble import PAGE_SIZE, Cause
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user
from posxero.web.sync_status import connection_status

bp = Blueprint("links", __name__, url_prefix="/sync/links")

DONE = {
    BulkCure.TRY_AGAIN: "Trying {} again.",
    BulkCure.FOLLOW: "{} linked to the contacts they were merged into.",
    BulkCure.CREATE: "Creating {} in Xero again.",
    BulkCure.UNLINK: "{} unlinked. Nothing changed in Xero.",
}


@bp.get("")
@allowed(Right.AUDIT)
def index() -> ResponseReturnValue:
    """Show the links in trouble, of one cause or of all, 50 a page."""
    tenant_id, cause = connection_status().tenant_id, _cause()
    counts = trouble.counts(db.session, g.business.id, tenant_id)
    total = counts.get(cause, 0) if cause else sum(counts.values())
    number, last = _page_of(total)
    return render(
        "links/index.html",
        counts=counts,
        cause=cause,
        cures=CURES[cause] if cause and total else (),
        rows=trouble.page(db.session, g.business.id, tenant_id, cause, number),
        split=reasons.split,
        total=total,
        page=number,
        last=last,
    )


def _page_of(total: int) -> tuple[int, int]:
    """Return the number of the page that is asked for, and of the last one."""
    last = max(1, -(-total // PAGE_SIZE))
    return min(max(parse_int(request.args.get("page"), 1), 1), last), last


@bp.get("/links.csv")
@allowed(Right.AUDIT)
def export() -> ResponseReturnValue:
    """Hand out the links in trouble as a file."""
    tenant_id, cause = connection_status().tenant_id, _cause()
    security_log.record_export(
        db.session, g.business.id, subject="Not updating in Xero", by=actor(), now=request_time()
    )
    lines = stream_with_context(trouble.csv_lines(db.session, g.business.id, tenant_id, cause))
    name = f"links-in-trouble-{request_time():%Y-%m-%d}.csv"
    return Response(lines, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.route("/cure", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def cure() -> ResponseReturnValue:
    """Ask, naming the number; then cure, unless the number has changed since."""
    cause, asked = _cause(), request.values.get("cure", "")
    if cause is None or asked not in set(BulkCure):
        return go_to(url_for(".index"))
    chosen = BulkCure(asked)
    number = bulk.count(db.session, g.business.id, cause, chosen)
    if not number:
        toast("There is nothing to do there any more.", "info")
        return go_to(url_for(".index"))
    if parse_int(request.form.get("count"), 0) != number:
        return _confirm(cause, chosen, number, changed=request.method == "POST")
    who: dict[str, Any] = {"by": current_user.name, "now": request_time(), "jobs": current_ports().jobs}
    toast(*_result(chosen, bulk.cure_all(db.session, g.business, cause, chosen, **who)))
    return go_to(url_for(".index"))


def _confirm(cause: Cause, chosen: BulkCure, number: int, *, changed: bool) -> Response:
    """Ask with the number; `changed` when another number was confirmed."""
    tenant_id = connection_status().tenant_id
    with_suppliers = trouble.has_suppliers(db.session, g.business.id, tenant_id, cause)
    asked: dict[str, Any] = {
        "with_suppliers": with_suppliers,
        "cause": cause,
        "cure": chosen,
        "number": number,
        "changed": changed,
    }
    return render("links/cure.html", status=409 if changed else 200, **asked)


def _result(cure: BulkCure, result: BulkResult) -> tuple[str, str]:
    words = DONE[cure].format(f"{result.cured:,}")
    if not result.left:
        return words, "info" if cure in {BulkCure.TRY_AGAIN, BulkCure.CREATE} else "ok"
    return f"{words} {result.left:,} left: open each to decide.", "warn"


def _cause() -> Cause | None:
    asked = request.values.get("cause", "")
    return Cause(asked) if asked in set(Cause) else None
