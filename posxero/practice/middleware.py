"""What every call passes: its token, its organisation, the limits, the faults, and the log."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, g, request

from posxero.practice import altered_answers, answers, late_writes, tokens, xero_dates
from posxero.practice.calls import Call
from posxero.practice.faults import Fault
from posxero.practice.limits import Refusal
from posxero.practice.state import database, now, practice
from posxero.practice.transport_faults import FAULT

TOO_MANY = 429
AREAS = dict.fromkeys(("Contacts", "ContactGroups"), "accounting.contacts")
SETTINGS = "accounting.settings"
TENANT_HEADER = "xero-tenant-id"


def guard(bp: Blueprint) -> None:
    """Let every call of a part of the Accounting API pass the gate."""
    bp.before_request(log_start)
    bp.before_request(admit)
    bp.after_request(finish)
    bp.teardown_request(leave)


def log_start() -> None:
    """Note when the call came."""
    g.started = now()


def authenticate() -> tokens.Access:
    """Give what the call's token allows; 401 when there is none that is good."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    held = tokens.access(database(), token.strip()) if kind.lower() == "bearer" else None
    if held is None:
        abort(answers.problem(401, "Unauthorized", "AuthenticationUnsuccessful"))
    g.consent = held.event_id
    if held.expires <= now():
        ended = xero_dates.from_ms(held.expires).strftime("%m/%d/%Y %H:%M:%S")
        abort(answers.problem(401, "Unauthorized", f"TokenExpired: token expired at {ended}"))
    return held


def admit() -> None:
    """Let a call of the Accounting API in, or answer 401, 403, 429 or its fault."""
    held = authenticate()
    _check_scope(held)
    tenant = request.headers.get(TENANT_HEADER, "").lower()
    found = database().execute("SELECT 1 FROM connection WHERE tenant_id = ?", (tenant,)).fetchone()
    if found is None:
        abort(answers.problem(403, "Forbidden", "AuthenticationUnsuccessful"))
    g.tenant = tenant
    refusal = practice().limits.enter(tenant, now())
    if refusal is not None:
        abort(answers.too_many(refusal))
    g.entered = tenant
    meet_fault()


def meet_fault() -> None:
    """Let the call meet the fault that waits for it, if one does; log it by its kind."""
    fault = practice().faults.take(request.method, request.path, request.args)
    if fault is None:
        return
    g.fault = fault
    if fault.kind == "slow":
        practice().sleep(fault.seconds or 0)
    elif fault.kind == "late":
        _hold(fault)
        abort(Response(status=500))
    elif fault.kind == "drop_before":
        abort(Response(status=500))
    elif fault.kind in REFUSALS:
        abort(REFUSALS[fault.kind](fault))


def finish(response: Response) -> Response:
    """Add the headers of every call about an organisation, and log the call."""
    fault: Fault | None = g.get("fault")
    if fault is not None:
        request.environ[FAULT] = fault
        altered_answers.alter(response, fault, database(), g.get("tenant", ""), now())
    if response.status_code == TOO_MANY:
        response.headers.pop("Content-Type", None)  # Flask adds one; Xero sends neither body nor type
    if tenant := g.get("tenant"):
        left = practice().limits.remaining(tenant, now())
        problem = response.headers.get("X-Rate-Limit-Problem")
        response.headers["X-DayLimit-Remaining"] = "0" if problem == "day" else str(left.day)
        response.headers["X-MinLimit-Remaining"] = "0" if problem == "minute" else str(left.minute)
        response.headers["X-AppMinLimit-Remaining"] = str(left.app_minute)
        response.headers["Xero-Correlation-Id"] = str(uuid4())
    _log(response)
    return response


def leave(_error: BaseException | None = None) -> None:
    """Free the call's place in flight, if it had one."""
    if entered := g.pop("entered", None):
        practice().limits.leave(entered)


def _check_scope(held: tokens.Access) -> None:
    area = AREAS.get(request.path.split("/")[3], SETTINGS)
    allowed = {area, f"{area}.read"} if request.method == "GET" else {area}
    if not allowed & held.scope:
        bearer = 'Bearer error="insufficient_scope"'
        abort(answers.problem(401, "Unauthorized", "AuthorizationUnsuccessful", authenticate=bearer))


def _hold(fault: Fault) -> None:
    write = late_writes.held_write(request, g.tenant, now())
    g.elements = late_writes.elements(write)
    practice().late_writes.hold(write)
    if fault.seconds is not None:
        practice().late_writes.schedule(write.id, fault.seconds)


REFUSALS: dict[str, Callable[[Fault], Response]] = {
    "429": lambda fault: answers.too_many(Refusal(fault.problem, fault.retry_after)),
    "500": lambda _fault: answers.broken(),
    "503": lambda _fault: answers.offline(),
    "401": lambda fault: answers.problem(401, "Unauthorized", fault.detail),
}


def _log(response: Response) -> None:
    fault: Fault | None = g.get("fault")
    practice().calls.add(
        Call(
            at=g.started,
            ended=now(),
            method=request.method,
            path=request.path,
            query=request.args.to_dict(),
            tenant=g.get("tenant", ""),
            consent=g.get("consent", ""),
            status=0 if fault and fault.is_unanswered else response.status_code,
            fault=fault.kind if fault else "",
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            elements=_elements(),
        )
    )


def _elements() -> list[Any]:
    sent: list[Any] = g.get("elements", [])
    return sent
