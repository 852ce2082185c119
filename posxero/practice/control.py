"""JSON for tests: faults, late writes, the log of calls, contacts as they are stored, and changes on Xero's side.

POST /practice/faults takes {"kind": …} with, for every kind, `count` (calls, 1), `path` (a prefix; the default depends
on the kind: all of the Accounting API, its contacts, or /connections), `method` ("" for any) and `query` (parameters
that the call must have, {"page": "2"}). A fault on /connect/token or /connections needs that `path`.

At once: clear (remove the faults), expire_tokens, disconnect, forget_limits.
Refusals: 429 (`retry_after` seconds or null, `problem`), 500, 503 (`value`: its text), 401 (`detail`; the token stays
good; on /connections it refuses fresh tokens), missing_organisation (/connections answers without `tenant`, "" for
all).
No answer, or a late one:
  slow (`seconds` before the work, 5), drop_before, drop_after (the connection is dropped before or after the work),
  hang_after (the work is done, the answer comes after `seconds`; null, the default, is never),
  late (PUT and POST of contacts, or with that `path` of invoices: held without an answer, landed after `seconds` or,
  null, the default, by POST /practice/late-writes/land or …/<id>/land; `connection` "drop" or "hang").
Answers about contacts, or with the `path` of invoices about them, to reads and writes; `contact_id` names the element
(by its InvoiceID, too), the last where it is "":
  fewer (`elements` left out from the end, 1, or the one named), more (adds the contact `contact_id`, any other where
  it is ""), other_id (`value` a ContactID, "random", or "" for another existing contact's), other_number (`value`, ""
  for an invented one), reordered, repeated, short_page (GET of a page, not by IDs; `elements` stay, null for half).
  The pagination keeps telling the true counts.
Answers that do not end, after the work was done; `seconds` until the connection is dropped (300, the most):
  header_drip, body_drip (a byte every `every` seconds, 0.3; an answer that is through is complete), empty_gzip,
  early_hints (a block or a 103 every `every` seconds, 0.05), huge (the answer and spaces, `bytes` in all, 40,000,000).
A connection is held for 300 s at the most, and no longer than its caller waits and the server runs.
"""

from dataclasses import asdict
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, jsonify, request

from posxero.practice import answers, changes, contact_actions, records, rules, store, tokens
from posxero.practice.faults import UnknownFault, parse
from posxero.practice.organisations import ORGANISATIONS, by_tenant
from posxero.practice.shapes import Json
from posxero.practice.state import database, now, practice

ACTIONS = {
    "archive": contact_actions.archive,
    "restore": contact_actions.restore,
    "erase": contact_actions.erase,
}

bp = Blueprint("control", __name__, url_prefix="/practice")


@bp.get("/organisations")
def list_organisations() -> Response:
    """List the organisations."""
    return jsonify([asdict(each) for each in ORGANISATIONS])


@bp.get("/faults")
def list_faults() -> Response:
    """List the pending faults."""
    return jsonify(practice().faults.pending())


@bp.post("/faults")
def add_fault() -> Response:
    """Inject a fault into the next calls, or run an immediate action."""
    options = _json_object()
    if not inject_fault(str(options.pop("kind", "")), options):
        abort(answers.json_answer({"error": "unknown fault"}, 400))
    return jsonify(practice().faults.pending())


@bp.get("/calls")
def list_calls() -> Response:
    """List the calls that were made, in the order in which they were answered."""
    return jsonify([asdict(call) for call in practice().calls.all()])


@bp.post("/calls/clear")
def clear_calls() -> Response:
    """Clear the log of calls."""
    practice().calls.clear()
    return jsonify([])


@bp.get("/late-writes")
def list_late_writes() -> Response:
    """List the writes that are held or have landed."""
    return answers.json_answer(practice().late_writes.all())


@bp.post("/late-writes/land")
@bp.post("/late-writes/<write_id>/land")
def land_late_writes(write_id: str = "") -> Response:
    """Carry out one held write, or all in the order in which they were sent."""
    return answers.json_answer(practice().late_writes.land(write_id))


@bp.post("/late-writes/clear")
def clear_late_writes() -> Response:
    """Discard the late writes: those that are held never land."""
    practice().late_writes.clear()
    return jsonify([])


@bp.get("/contacts/<contact_id>")
def show_contact(contact_id: str) -> Response:
    """Show a contact as it is stored."""
    return answers.json_answer(_contact_or_404(contact_id)[1])


@bp.post("/contacts/<contact_id>")
def edit_contact(contact_id: str) -> Response:
    """Change a contact on Xero's side: any field, without Xero's rules. Phones and Addresses are merged by type."""
    tenant, record = _contact_or_404(contact_id)
    changes_sent = _json_object()
    for key in ("Phones", "Addresses"):
        if key in changes_sent:
            changes_sent[key] = record[key] | changes_sent[key]
    return answers.json_answer(_save_changed(tenant, record | changes_sent, changes.EDITED))


@bp.post("/contacts/<contact_id>/<any(archive, restore, merge, erase):action>")
def act(contact_id: str, action: str) -> Response:
    """Archive, restore, merge ({"into": …}) or erase a contact as a user does; 409 with the error if it is refused."""
    tenant, record = _contact_or_404(contact_id)
    try:
        with store.transaction(database()):
            if action == "merge":
                winner = records.get(database(), tenant, str(_json_object().get("into", "")))
                contact_actions.merge(database(), tenant, record, winner, now=now())
            else:
                ACTIONS[action](database(), tenant, record, now=now())
    except contact_actions.ActionRefused as refusal:
        return answers.json_answer({"error": str(refusal)}, 409)
    return answers.json_answer(_contact_or_404(contact_id)[1])


@bp.post("/contacts/<contact_id>/remove")
def remove_contact(contact_id: str) -> Response:
    """Delete a contact as if Xero had never had it."""
    tenant, record = _contact_or_404(contact_id)
    records.delete(database(), tenant, record["ContactID"])
    return answers.json_answer({})


@bp.get("/organisations/<tenant>/contacts")
def list_contacts(tenant: str) -> Response:
    """List an organisation's contacts as they are stored, ordered by id."""
    rows = database().execute("SELECT record FROM contact WHERE tenant_id = ? ORDER BY contact_id", (tenant,))
    return Response(f"[{','.join(row['record'] for row in rows)}]", content_type=answers.JSON_TYPE)


@bp.post("/organisations/<tenant>/contacts")
def add_contact(tenant: str) -> Response:
    """Add a contact on Xero's side, without Xero's rules."""
    if by_tenant(tenant) is None:
        abort(404)
    return answers.json_answer(_save_changed(tenant, rules.new_record(str(uuid4())) | _json_object(), changes.CREATED))


def inject_fault(kind: str, options: dict[str, Any]) -> bool:
    """Inject a fault, or run an immediate action; return whether the kind is known."""
    if kind == "clear":
        practice().faults.clear()
    elif kind == "expire_tokens":
        tokens.expire_access(database(), now())
    elif kind == "disconnect":
        tokens.disconnect_all(database())
    elif kind == "forget_limits":
        practice().limits.reset()
    else:
        try:
            practice().faults.add(parse(kind, options))
        except UnknownFault:
            return False
    return True


def _json_object() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _contact_or_404(contact_id: str) -> tuple[str, Json]:
    found = ((each.tenant_id, records.get(database(), each.tenant_id, contact_id)) for each in ORGANISATIONS)
    tenant, record = next(((tenant, record) for tenant, record in found if record), ("", None))
    if record is None:
        abort(404)
    return tenant, record


def _save_changed(tenant: str, record: Json, change: str) -> Json:
    with store.transaction(database()):
        changes.save_change(
            database(), tenant, record, change, user=changes.USER_NAME, details="Changed in Xero", at=now()
        )
    return record
