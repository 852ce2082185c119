"""What every call passes: its token, its organisation, the limits, the faults, and the log."""

from typing import Any
from uuid import uuid4

from flask import Response, abort, g, request

from posxero.practice import answers, moments, tokens
from posxero.practice.calls import Call
from posxero.practice.faults import Fault
from posxero.practice.limits import Refusal
from posxero.practice.state import database, now, practice

TOO_MANY = 429
DROP = "practice.drop"  # set in the WSGI environment: the server ends the connection without an answer
AREAS = {"Contacts": "accounting.contacts"}
SETTINGS = "accounting.settings"
TENANT_HEADER = "xero-tenant-id"


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
        ended = moments.from_ms(held.expires).strftime("%m/%d/%Y %H:%M:%S")
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
    fault = practice().faults.take(request.method, request.path)
    if fault is None:
        return
    g.fault = fault
    if fault.kind == "slow":
        practice().sleep(fault.seconds)
    elif fault.kind == "drop_before":
        abort(Response(status=500))
    elif fault.kind != "drop_after":
        abort(_trouble(fault))


def finish(response: Response) -> Response:
    """Add the headers of every call about an organisation, and log the call."""
    fault: Fault | None = g.get("fault")
    if fault is not None and fault.kind in {"drop_before", "drop_after"}:
        request.environ[DROP] = True
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


def _trouble(fault: Fault) -> Response:
    if fault.kind == "429":
        return answers.too_many(Refusal(fault.problem, fault.retry_after))
    return answers.offline() if fault.kind == "503" else answers.broken()


def _log(response: Response) -> None:
    fault: Fault | None = g.get("fault")
    dropped = request.environ.get(DROP, False)
    practice().calls.add(
        Call(
            at=g.started,
            ended=now(),
            method=request.method,
            path=request.path,
            query=request.args.to_dict(),
            tenant=g.get("tenant", ""),
            consent=g.get("consent", ""),
            status=0 if dropped else response.status_code,
            fault=fault.kind if fault else "",
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            elements=_elements(),
        )
    )


def _elements() -> list[Any]:
    sent: list[Any] = g.get("elements", [])
    return sent
