"""Linking a contact to Xero, and taking its link away. Each leads back to the contact's page."""

from typing import Any
from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import MAX_POLLS, ContactPage
from posxero.db.session import db
from posxero.domain.enums import LinkState, Right
from posxero.ports import current_ports
from posxero.services.errors import NotConnected
from posxero.services.push import linking
from posxero.services.push.links import candidates, joining, searches
from posxero.services.xero_connection import connections
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int, parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_messages import search_delay

UNRESOLVED = (
    "Not unlinked: Xero may be adding this customer right now, and a second one could be added there. "
    "Try again once the status says Synced or Not sent."
)


@bp.get("/<uuid:contact_id>/link")
@allowed(Right.MANAGE)
def link(contact_id: UUID) -> ResponseReturnValue:
    """Show the contacts of Xero that a customer may be, a search for others, and the button that creates one."""
    found = ContactPage.of(contact_id).link
    if found is not None and found.state is LinkState.ACTIVE:
        return _back(contact_id)
    return _choose(contact_id)


@bp.get("/<uuid:contact_id>/link/results")
@allowed(Right.MANAGE, polls=True)
def link_results(contact_id: UUID) -> ResponseReturnValue:
    """Answer the polls of the page until Xero was searched."""
    if not request.htmx.partial:
        return go_to(url_for(".link", contact_id=contact_id))
    return _choose(contact_id, polls=min(parse_int(request.args.get("polls"), MAX_POLLS), MAX_POLLS))


@bp.post("/<uuid:contact_id>/link/search")
@allowed(Right.MANAGE)
def search_xero(contact_id: UUID) -> ResponseReturnValue:
    """Have Xero searched; the page shows the answer once a job has it."""
    term, jobs = request.form.get("q", "").strip(), current_ports().jobs
    if not term:
        return _choose(contact_id, error="Type a name, an email or a number")
    try:
        searches.ask(db.session, g.business.id, contact_id, term, now=request_time(), jobs=jobs)
    except NotConnected as refusal:
        return _choose(contact_id, error=str(refusal))
    return go_to(url_for(".link", contact_id=contact_id), stay=True)


@bp.post("/<uuid:contact_id>/link")
@allowed(Right.MANAGE)
def create_link(contact_id: UUID) -> ResponseReturnValue:
    """Link a customer to the chosen contact of Xero, or, where none is chosen, create it there."""
    who: dict[str, Any] = {"by": current_user.name, "now": request_time(), "jobs": current_ports().jobs}
    chosen = parse_uuid(request.form.get("xero_id"))
    try:
        if chosen is None:
            linking.link_to_xero(db.session, g.business.id, contact_id, **who)
        else:
            joining.link_to_contact(db.session, g.business, contact_id, chosen, **who)
            toast("Linked. Nothing was sent to Xero.")
    except (NotConnected, joining.LinkRefused) as refusal:
        toast(str(refusal), "warn")
        if chosen is not None:
            return go_to(url_for(".link", contact_id=contact_id))
    return go_to(url_for(".show", contact_id=contact_id))


@bp.post("/<uuid:contact_id>/create-again")
@allowed(Right.MANAGE)
def create_again(contact_id: UUID) -> ResponseReturnValue:
    """Create a contact in Xero that it no longer has."""
    jobs = current_ports().jobs
    linking.create_again(db.session, g.business.id, contact_id, by=current_user.name, now=request_time(), jobs=jobs)
    return _back(contact_id)


def _choose(contact_id: UUID, *, polls: int = 0, error: str = "") -> Response:
    contact_page = ContactPage.of(contact_id)
    tenant_id = contact_page.status.tenant_id
    choice = candidates.choice_for(db.session, g.business, contact_page.contact, tenant_id, now=request_time())
    return render(
        "customers/link.html",
        block={f"link-{contact_id}": "choice", f"results-{contact_id}": "results"},
        status=422 if error else 200,
        kind=contact_kind(),
        contact_page=contact_page,
        choice=choice,
        must_import_first=connections.must_match_first(db.session, g.business.id, tenant_id),
        term=request.form.get("q") or (choice.search.term if choice.search else contact_page.contact.name),
        error=error,
        delay=search_delay(choice.search.reason, contact_page.status, request_time()) if choice.search else "",
        polls=polls,
        polls_max=MAX_POLLS,
    )


@bp.route("/<uuid:contact_id>/unlink", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def unlink(contact_id: UUID) -> ResponseReturnValue:
    """Ask, then forget which contact of Xero this is."""
    if request.form.get("sure") == "yes":
        return _unlink(contact_id)
    contact_page = ContactPage.of(contact_id)
    if contact_page.link is None:
        return _back(contact_id)
    if request.method == "POST":
        return go_to(url_for(".unlink", contact_id=contact_id))
    refusal = UNRESOLVED if linking.is_creation_unresolved(contact_page.link) else ""
    return render("customers/unlink.html", kind=contact_kind(), contact_page=contact_page, refusal=refusal)


def _unlink(contact_id: UUID) -> ResponseReturnValue:
    try:
        linking.unlink(db.session, g.business.id, contact_id, by=current_user.name, now=request_time())
    except linking.CreationUnresolved:
        toast(UNRESOLVED, "warn")
    else:
        toast("Unlinked. Nothing changed in Xero.")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/undo-link")
@allowed(Right.MANAGE)
def undo_link(contact_id: UUID) -> ResponseReturnValue:
    """Take a link back, with what it filled in here."""
    try:
        linking.undo_link(db.session, g.business, contact_id, by=current_user.name, now=request_time())
    except linking.CannotUndo:
        toast("This link can't be undone because changes have been sent to Xero. You can still unlink it.", "warn")
    else:
        toast("Link undone. Nothing had been sent to Xero.")
    return _back(contact_id)


def _back(contact_id: UUID) -> ResponseReturnValue:
    return go_to(url_for(".show", contact_id=contact_id), stay=True)
