"""The buttons of a contact's page in Xero: archive, restore, merge and erase."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import contact_actions, records, store
from posxero.practice.contact_sections import parse_record
from posxero.practice.folding import fold
from posxero.practice.organisations import Organisation
from posxero.practice.pages import contact_or_404
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

ACTIONS = {
    "archive": (contact_actions.archive, "Archived in Xero."),
    "restore": (contact_actions.restore, "Restored in Xero."),
    "erase": (contact_actions.erase, "Erased in Xero."),
}
SHOWN_WINNERS = 25
SELECT_WINNERS = """
SELECT record FROM contact WHERE tenant_id = ? AND status = 'ACTIVE' AND contact_id != ? AND instr(search, ?) > 0
ORDER BY name, contact_id LIMIT ?
"""

bp = Blueprint("actions", __name__, url_prefix="/app/<short_code>/contacts/contact/<uuid:contact_id>")


@bp.post("/<any(archive, restore, erase):action>")
def act(short_code: str, contact_id: UUID, action: str) -> ResponseReturnValue:
    """Archive, restore or erase a contact."""
    organisation, record = contact_or_404(short_code, contact_id)
    change, message = ACTIONS[action]
    try:
        with store.transaction(database()):
            change(database(), organisation.tenant_id, record, now=now())
    except contact_actions.ActionRefused as refusal:
        message = str(refusal)
    flash(message)
    return _back(short_code, contact_id)


@bp.route("/merge", methods=["GET", "POST"])
def merge(short_code: str, contact_id: UUID) -> ResponseReturnValue:
    """Choose the contact that this one is merged into, and merge it."""
    organisation, record = contact_or_404(short_code, contact_id)
    tenant, search = organisation.tenant_id, request.values.get("q", "").strip()
    if request.method == "GET":
        return _merge_page(organisation, record, search)
    winner = records.get(database(), tenant, request.form.get("winner", ""))
    try:
        with store.transaction(database()):
            contact_actions.merge(database(), tenant, record, winner, now=now())
    except contact_actions.ActionRefused as refusal:
        return _merge_page(organisation, record, search, str(refusal)), 422
    flash("Merged in Xero.")
    return _back(short_code, contact_id)


def _merge_page(organisation: Organisation, record: Json, search: str, message: str = "") -> str:
    rows = database().execute(
        SELECT_WINNERS, (organisation.tenant_id, record["ContactID"], fold(search), SHOWN_WINNERS)
    )
    return render_template(
        "merge.html",
        organisation=organisation,
        contact=record,
        winners=[parse_record(row["record"]) for row in rows],
        q=search,
        message=message,
    )


def _back(short_code: str, contact_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.show", short_code=short_code, contact_id=contact_id), 303)
