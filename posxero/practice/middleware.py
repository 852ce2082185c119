"""Middleware of every call: token, organisation, limits, faults and log."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, g, request

from posxero.practice import altered_answers, answers, late_writes, tokens, xero_dates
from posxero.practice.calls import Call
from posxero.practice.faults import Fault
from posxero.practice.limits import LimitExceeded
from posxero.practice.state import database, now, practice
from posxero.practice.transport_faults import FAULT_KEY

TOO_MANY_REQUESTS = 429
SCOPE_BY_RESOURCE = {
    "Contacts": "accounting.contacts",
    "ContactGroups": "accounting.contacts",
    "Invoices": "accounting.invoices",
    "CreditNotes": "accounting.invoices",
    "Payments": "accounting.payments",
    "Overpayments": "accounting.payments",  # assumed: no page of Xero's says which of the granular scopes
}
SETTINGS_SCOPE = "accounting.settings"
TENANT_HEADER = "xero-tenant-id"


def register(bp: Blueprint) -> None:
    """Add this middleware to a blueprint of the Accounting API."""
    bp.before_request(record_start)
    bp.before_request(authorize_call)
    bp.after_request(finish_call)
    bp.teardown_request(release_call)


def record_start() -> None:
    """Record the start time of the call."""
    g.started = now()


def authenticate() -> tokens.Access:
    """Return the access that the token of the call grants; 401 if the token is not valid."""
    bearer = request.authorization
    token = bearer.token if bearer is not None and bearer.type == "bearer" else None
    access = tokens.find_access(database(), token) if token else None
    if access is None:
        abort(answers.problem(401, "Unauthorized", "AuthenticationUnsuccessful"))
    g.consent = access.event_id
    if access.expires <= now():
        ended = xero_dates.from_ms(access.expires).strftime("%m/%d/%Y %H:%M:%S")
        abort(answers.problem(401, "Unauthorized", f"TokenExpired: token expired at {ended}"))
    return access


def authorize_call() -> None:
    """Authorize a call of the Accounting API, or answer 401, 403, 429 or its fault."""
    access = authenticate()
    _check_scope(access)
    tenant = request.headers.get(TENANT_HEADER, "").lower()
    found = database().execute("SELECT 1 FROM connection WHERE tenant_id = ?", (tenant,)).fetchone()
    if found is None:
        abort(answers.problem(403, "Forbidden", "AuthenticationUnsuccessful"))
    g.tenant = tenant
    exceeded = practice().limits.acquire(tenant, now())
    if exceeded is not None:
        abort(answers.too_many_requests(exceeded))
    g.in_flight_tenant = tenant
    apply_fault()


def apply_fault() -> None:
    """Apply the pending fault that matches the call, if there is one."""
    fault = practice().faults.claim(request.method, request.path, request.args)
    if fault is None:
        return
    g.fault = fault
    if fault.kind == "slow":
        practice().sleep(fault.seconds or 0)
    elif fault.kind == "late":
        _hold_write(fault)
        abort(Response(status=500))
    elif fault.kind == "drop_before":
        abort(Response(status=500))
    elif fault.kind in REFUSAL_ANSWERS:
        abort(REFUSAL_ANSWERS[fault.kind](fault))


def finish_call(response: Response) -> Response:
    """Add the headers of every call about an organisation, and log the call."""
    fault: Fault | None = g.get("fault")
    if fault is not None:
        request.environ[FAULT_KEY] = fault
        altered_answers.alter(response, fault, database(), g.get("tenant", ""), now())
    if response.status_code == TOO_MANY_REQUESTS:
        response.headers.pop("Content-Type", None)  # Flask adds one; Xero sends neither body nor type
    if tenant := g.get("tenant"):
        left = practice().limits.remaining(tenant, now())
        problem = response.headers.get("X-Rate-Limit-Problem")
        response.headers["X-DayLimit-Remaining"] = "0" if problem == "day" else str(left.day)
        response.headers["X-MinLimit-Remaining"] = "0" if problem == "minute" else str(left.minute)
        response.headers["X-AppMinLimit-Remaining"] = str(left.app_minute)
        response.headers["Xero-Correlation-Id"] = str(uuid4())
    _log_call(response)
    return response


def release_call(_error: BaseException | None = None) -> None:
    """Release the call from the limit of calls in flight."""
    if tenant := g.pop("in_flight_tenant", None):
        practice().limits.release(tenant)


def _check_scope(access: tokens.Access) -> None:
    area = SCOPE_BY_RESOURCE.get(request.path.split("/")[3], SETTINGS_SCOPE)
    allowed = {area, f"{area}.read"} if request.method == "GET" else {area}
    if not allowed & access.scope:
        bearer = 'Bearer error="insufficient_scope"'
        abort(answers.problem(401, "Unauthorized", "AuthorizationUnsuccessful", authenticate=bearer))


def _hold_write(fault: Fault) -> None:
    write = late_writes.late_write_of(request, g.tenant, now())
    g.elements = late_writes.elements(write)
    practice().late_writes.hold(write)
    if fault.seconds is not None:
        practice().late_writes.schedule(write.id, fault.seconds)


REFUSAL_ANSWERS: dict[str, Callable[[Fault], Response]] = {
    "429": lambda fault: answers.too_many_requests(LimitExceeded(fault.problem, fault.retry_after)),
    "500": lambda _fault: answers.server_error(),
    "503": lambda fault: answers.offline(fault.value),
    "401": lambda fault: answers.problem(401, "Unauthorized", fault.detail),
}


def _log_call(response: Response) -> None:
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
            elements=_sent_elements(),
        )
    )


def _sent_elements() -> list[Any]:
    sent: list[Any] = g.get("elements", [])
    return sent
