"""JSON for tests: faults, the log of calls, contacts as they are held, and changes on Xero's side."""

from dataclasses import asdict
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, jsonify, request

from posxero.practice import answers, records, rules, store, tokens, writing
from posxero.practice.faults import Fault, UnknownFault
from posxero.practice.organisations import ORGANISATIONS, by_tenant
from posxero.practice.shapes import Json
from posxero.practice.state import database, now, practice

bp = Blueprint("control", __name__, url_prefix="/practice")


@bp.get("/organisations")
def organisations() -> Response:
    """List the organisations."""
    return jsonify([asdict(each) for each in ORGANISATIONS])


@bp.get("/faults")
def faults() -> Response:
    """List the faults that wait."""
    return jsonify(practice().faults.waiting())


@bp.post("/faults")
def add_fault() -> Response:
    """Let the next calls meet a fault, or do one of the things that happen at once.

    A fault: {"kind": "429", "count": 2, "retry_after": 5, "problem": "minute", "seconds": 5, "path": "/api.xro/",
    "method": ""}. At once: {"kind": "clear" | "expire_tokens" | "disconnect" | "forget_limits"}.
    """
    asked = _object()
    if not make_trouble(str(asked.pop("kind", "")), asked):
        abort(answers.as_json({"error": "unknown fault"}, 400))
    return jsonify(practice().faults.waiting())


@bp.get("/calls")
def calls() -> Response:
    """List the calls that were made, in the order in which they were answered."""
    return jsonify([asdict(call) for call in practice().calls.all()])


@bp.post("/calls/clear")
def clear_calls() -> Response:
    """Forget the calls."""
    practice().calls.clear()
    return jsonify([])


@bp.get("/contacts/<contact_id>")
def contact(contact_id: str) -> Response:
    """Show a contact as it is held."""
    return answers.as_json(_held(contact_id)[1])


@bp.post("/contacts/<contact_id>")
def edit(contact_id: str) -> Response:
    """Change a contact on Xero's side: any field, without Xero's rules. Phones and Addresses are merged by type."""
    tenant, held = _held(contact_id)
    changes = _object()
    for key in ("Phones", "Addresses"):
        if key in changes:
            changes[key] = held[key] | changes[key]
    return answers.as_json(_keep(tenant, held | changes, "Edited"))


@bp.post("/contacts/<contact_id>/remove")
def remove(contact_id: str) -> Response:
    """Take a contact out, as if Xero had never had it."""
    tenant, held = _held(contact_id)
    records.remove(database(), tenant, held["ContactID"])
    return answers.as_json({})


@bp.get("/organisations/<tenant>/contacts")
def contacts(tenant: str) -> Response:
    """List an organisation's contacts as they are held, by their ids."""
    rows = database().execute("SELECT record FROM contact WHERE tenant_id = ? ORDER BY contact_id", (tenant,))
    return Response(f"[{','.join(row['record'] for row in rows)}]", content_type=answers.JSON)


@bp.post("/organisations/<tenant>/contacts")
def add(tenant: str) -> Response:
    """Add a contact on Xero's side, without Xero's rules."""
    if by_tenant(tenant) is None:
        abort(404)
    return answers.as_json(_keep(tenant, rules.blank(str(uuid4())) | _object(), "Created"))


def make_trouble(kind: str, asked: dict[str, Any]) -> bool:
    """Add a fault, or do what happens at once; say whether the kind is known."""
    if kind == "clear":
        practice().faults.clear()
    elif kind == "expire_tokens":
        tokens.expire_access(database(), now())
    elif kind == "disconnect":
        tokens.disconnect_all(database())
    elif kind == "forget_limits":
        practice().limits.clear()
    else:
        try:
            practice().faults.add(Fault(kind, left=asked.pop("count", 1), **asked))
        except (UnknownFault, TypeError):
            return False
    return True


def _object() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _held(contact_id: str) -> tuple[str, Json]:
    held = ((each.tenant_id, records.get(database(), each.tenant_id, contact_id)) for each in ORGANISATIONS)
    tenant, record = next(((tenant, record) for tenant, record in held if record), ("", None))
    if record is None:
        abort(404)
    return tenant, record


def _keep(tenant: str, record: Json, changes: str) -> Json:
    moment = now()
    record["UpdatedDateUTC"] = moment
    with store.writing(database()):
        records.keep(database(), tenant, [record])
        records.note(
            database(), record["ContactID"], at=moment, changes=changes, user=writing.USER, details="Changed in Xero"
        )
    return record
