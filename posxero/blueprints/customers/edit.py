"""Adding and editing: what was typed is never lost, whatever the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, conflict_page, forms, restore
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.blueprints.customers.label_choices import LabelChoices
from posxero.blueprints.customers.message import announce
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.fields import by_key
from posxero.ports import current_ports
from posxero.services.contacts import contacts, creation, draft_recovery
from posxero.services.contacts.conflicts import Choices, Conflict
from posxero.services.contacts.emptied_fields import WouldEmpty
from posxero.services.contacts.rules import CodeTaken, DuplicateContact, InvalidContact
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.errors import Merged
from posxero.services.push.links import joining
from posxero.web.contact_form import draft_place
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.idempotency import new_idempotency_key
from posxero.web.numbers import parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_messages import Action, replaced_message

CONTINUE = "continue"  # ?draft=continue: the form opens with what the draft holds


@bp.route("/new", methods=["GET", "POST"])
@allowed(Right.EDIT)
def new() -> ResponseReturnValue:
    """Show the empty form, or offer the draft of one; then add what was typed."""
    if request.method == "GET":
        return _open_new(draft_recovery.for_new(db.session, draft_place(contact_kind(), None), now=request_time()))
    form = forms.submitted()
    try:
        contact = creation.create(
            db.session, g.business, form, kind=contact_kind(), by=current_user.name, now=request_time()
        )
    except (InvalidContact, DuplicateContact) as refusal:
        return _new({**forms.empty(), **form.values}, idempotency_key=form.idempotency_key, refusal=refusal)
    toast(f"{contact.name} added.")
    _link(contact.id)
    return go_to(url_for(".show", contact_id=contact.id))


def _link(contact_id: UUID) -> None:
    """Link a new contact to the one of Xero that it was recognised as."""
    xero_id = parse_uuid(request.form.get("link_to"))
    if xero_id is None or not current_user.may(Right.MANAGE):
        return
    who: dict[str, Any] = {"by": current_user.name, "now": request_time(), "jobs": current_ports().jobs}
    try:
        joining.link_to_contact(db.session, g.business, contact_id, xero_id, **who)
    except joining.LinkRefused as refusal:
        toast(str(refusal), "warn")


@bp.route("/<uuid:contact_id>/edit", methods=["GET", "POST"])
@allowed(Right.EDIT)
def edit(contact_id: UUID) -> ResponseReturnValue:
    """Show the form with what is saved, or offer the draft of one; then save what was typed."""
    if request.method == "POST":
        return save(contact_id, restore.marked(contact_id, forms.submitted(contact_id)))
    contact_page = ContactPage.of(contact_id)
    place = draft_place(contact_kind(), contact_id)
    return _open(contact_page, draft_recovery.for_contact(db.session, place, contact_page.contact, now=request_time()))


def save(contact_id: UUID, form: ContactSubmission) -> ResponseReturnValue:
    """Save a form over a contact, and go to its page; or answer what keeps it from being saved."""
    by, jobs = current_user.name, current_ports().jobs
    try:
        saved = contacts.save(db.session, g.business, contact_id, form, by=by, now=request_time(), jobs=jobs)
    except Merged as merged:  # nothing typed is lost: field by field it is compared with the survivor's
        toast(f"{merged.name} was merged into this {contact_kind().one}. Choose what to keep.", "info")
        return save(merged.survivor_id, replace(form, seen=0, choices=Choices()))
    except Conflict as conflict:
        return conflict_page.answer(ContactPage.of(contact_id), conflict, version=form.seen)
    except CodeTaken as taken:
        return restore.ask_for_code(contact_id, form, taken) or refuse(contact_id, form, taken)
    except (InvalidContact, DuplicateContact, WouldEmpty) as refusal:
        return refuse(contact_id, form, refusal)
    announce(contact_id, Action.SAVED if saved.owed else Action.KEPT)
    if saved.replaced:
        toast(replaced_message(saved.replaced), "info")
    return go_to(url_for(".show", contact_id=contact_id), stay=True)


def refuse(contact_id: UUID, form: ContactSubmission, refusal: Exception) -> Response:
    """Answer the form with what was submitted, and what is wrong with it."""
    contact_page = ContactPage.of(contact_id)
    values = {**forms.of(contact_page.contact), **form.kept}
    idempotency_key = form.idempotency_key or new_idempotency_key()
    version = form.choices.over or form.seen
    return _edit(contact_page, values, version=version, idempotency_key=idempotency_key, refusal=refusal)


def _open_new(offer: draft_recovery.DraftOffer | None) -> Response:
    if offer is None:
        return _new(forms.empty(), idempotency_key=new_idempotency_key())
    idempotency_key = offer.draft.idempotency_key or new_idempotency_key()
    if request.args.get("draft") == CONTINUE:
        return _new(forms.display_values(offer.values), idempotency_key=idempotency_key, continued=True)
    return _new({}, idempotency_key=idempotency_key, offer=offer)


def _open(contact_page: ContactPage, offer: draft_recovery.DraftOffer | None) -> Response:
    contact = contact_page.contact
    if offer is None:
        problems = forms.FieldProblems(contact_page.refused_by_xero, is_saved=True)
        key = new_idempotency_key()
        return _edit(contact_page, forms.of(contact), version=contact.version, idempotency_key=key, problems=problems)
    idempotency_key = offer.draft.idempotency_key or new_idempotency_key()
    if request.args.get("draft") == CONTINUE:
        return _edit(
            contact_page,
            forms.display_values(offer.values),
            version=offer.version,
            idempotency_key=idempotency_key,
            continued=True,
        )
    return _edit(contact_page, {}, version=offer.version, idempotency_key=idempotency_key, offer=offer)


def _new(values: Mapping[str, str], *, idempotency_key: str, **opening: Any) -> Response:
    groups = forms.NEW_GROUPS
    return _form(
        "customers/new.html", "customer-new", values, groups=groups, idempotency_key=idempotency_key, **opening
    )


def _edit(
    contact_page: ContactPage, values: Mapping[str, str], *, version: int, idempotency_key: str, **opening: Any
) -> Response:
    root = f"customer-{contact_page.contact.id}"
    return _form(
        "customers/edit.html",
        root,
        values,
        contact_page=contact_page,
        version=version,
        idempotency_key=idempotency_key,
        **opening,
    )


def _form(
    template: str, root: str, values: Mapping[str, str], *, refusal: Exception | None = None, **context: Any
) -> Response:
    """Answer a form, or, with an `offer`, what was begun and not saved; `continued` is a form that continues it."""
    return render(
        template,
        block={root: "form"},
        status=422 if refusal else 200,
        kind=contact_kind(),
        values=values,
        by_key=by_key,
        **(
            {
                "offer": None,
                "continued": False,
                "groups": forms.GROUPS,
                "labels": LabelChoices.load(),
                "problems": forms.FieldProblems.of(refusal, contact_kind()),
            }
            | context
        ),
    )
