"""Send ours to Xero for all customers of a list that differ: asked first, then done in steps."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, list_query
from posxero.blueprints.customers.selection import ask_to_select
from posxero.db.session import db
from posxero.domain.enums import Right, SyncState
from posxero.ports import current_ports
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.drift.differences import bulk_send
from posxero.services.drift.differences.bulk_send import BulkSendProgress
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int, parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_status import connection_status

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
NAMED_MAX: Final = 20  # customers that are left out and named


@bp.route("/send-ours", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def send_all_ours() -> ResponseReturnValue:
    """Say what sending would do, and to how many; then do it."""
    asked = replace(list_query.from_request(), sync=SyncState.CHANGED.value, page=1)
    if asked.selected == ():
        return ask_to_select(replace(asked, sync=""))
    if request.method == "POST":
        return _send(asked)
    return _ask(asked, parse_uuid(request.args.get("after")))


def _ask(asked: ListQuery, left: UUID | None) -> Response:
    """Answer the question; or, where a part is done, how far it is and what is left."""
    status = connection_status()
    found = None if left else bulk_send.preview(db.session, g.business.id, asked, status, now=request_time())
    return render(
        "customers/send_all_ours.html",
        block={"send-all-ours": "question"},
        kind=asked.kind,
        asked=asked,
        preview=found,
        total=results.find(db.session, g.business.id, asked, status, request_time()).total,
        named_max=NAMED_MAX,
        seen_at=request.args.get("seen_at", "") if left else request_time().isoformat(),
        after=left or bulk_send.FIRST,
        sent=_number("sent"),
        skipped=_number("skipped"),
        address=_address(asked),
        back=list_query.url_of(asked),
    )


def _send(asked: ListQuery) -> ResponseReturnValue:
    """Do a few steps; lead to the rest, or back to the list."""
    seen_at, jobs = _seen_at(), current_ports().jobs
    after = parse_uuid(request.form.get("after")) or bulk_send.FIRST
    before = BulkSendProgress(_number("sent"), _number("skipped"), after)
    who: dict[str, Any] = {"by": current_user.name, "now": request_time(), "jobs": jobs}
    done = bulk_send.send(db.session, g.business.id, asked, before, seen_at=seen_at, **who)
    if done.last is None:
        toast(_result(asked, done), "info")
        return go_to(list_query.url_of(asked))
    rest = {"after": str(done.last), "sent": str(done.sent), "skipped": str(done.skipped)}
    return go_to(_address(asked, **rest, seen_at=seen_at.isoformat()), stay=True)


def _address(asked: ListQuery, **rest: str) -> str:
    return list_query.with_params(url_for(".send_all_ours"), list_query.params_of(asked) | rest)


def _result(asked: ListQuery, done: BulkSendProgress) -> str:
    called = asked.kind.one if done.sent == 1 else asked.kind.many
    said = f"Sending {done.sent:,} {called} to Xero." if done.sent else "There is nothing to send."
    if not done.skipped:
        return said
    return f"{said} {done.skipped:,} skipped, because sending would empty details in Xero. Open each to decide."


def _number(name: str) -> int:
    return parse_int(request.values.get(name), 0)


def _seen_at() -> datetime:
    """Read when the question was asked; a wrong time is long ago, so that nothing is sent that was not shown."""
    try:
        return max(datetime.fromisoformat(request.form.get("seen_at", "")).astimezone(UTC), NEVER)
    except (ValueError, OverflowError):
        return NEVER
