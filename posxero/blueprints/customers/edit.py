"""Adding and editing: what was typed is never lost, whatever the answer."""

from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero import ports
from posxero.blueprints.customers import bp, forms
from posxero.blueprints.customers.kinds import kind
from posxero.blueprints.customers.message import announce
from posxero.blueprints.customers.sheet import Sheet
from posxero.db.session import db
from posxero.domain.fields import by_key
from posxero.domain.words import Right
from posxero.services import adding, contacts
from posxero.services.conflicts import Conflict
from posxero.services.contact_rules import DuplicateContact, InvalidContact
from posxero.services.emptying import WouldEmpty
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.once import new_token
from posxero.web.sign_in import allowed, current_user
from posxero.web.standing_words import Act
from posxero.web.times import moment


@bp.route("/new", methods=["GET", "POST"])
@allowed(Right.EDIT)
def new() -> ResponseReturnValue:
    """Show the empty form, then add what was typed."""
    if request.method == "GET":
        return _new(forms.empty(), idem=new_token())
    form = forms.submitted()
    try:
        contact = adding.add(db.session, g.business, form, kind=kind(), by=current_user.name, now=moment())
    except (InvalidContact, DuplicateContact) as refusal:
        return _new({**forms.empty(), **form.values}, idem=form.token, refusal=refusal)
    toast(f"{contact.name} added.")
    return go_to(url_for(".show", contact_id=contact.id))


@bp.route("/<uuid:contact_id>/edit", methods=["GET", "POST"])
@allowed(Right.EDIT)
def edit(contact_id: UUID) -> ResponseReturnValue:
    """Show the form with what is saved, then save what was typed."""
    if request.method == "POST":
        return _save(contact_id)
    sheet = Sheet.of(contact_id)
    return _edit(sheet, forms.of(sheet.contact), version=sheet.contact.version)


def _save(contact_id: UUID) -> ResponseReturnValue:
    form, by, hints = forms.submitted(), current_user.name, ports.current().queue
    try:
        saved = contacts.save(db.session, g.business, contact_id, form, by=by, now=moment(), hints=hints)
    except Conflict as conflict:
        return _conflict(Sheet.of(contact_id), conflict, version=form.seen)
    except (InvalidContact, DuplicateContact, WouldEmpty) as refusal:
        sheet = Sheet.of(contact_id)
        version = form.choices.over or form.seen
        return _edit(sheet, {**forms.of(sheet.contact), **form.kept}, version=version, refusal=refusal)
    announce(contact_id, Act.SAVED if saved.owed else Act.KEPT)
    return go_to(url_for(".show", contact_id=contact_id), stay=True)


def _new(values: dict[str, str], *, idem: str, refusal: Exception | None = None) -> Response:
    problems = forms.Problems.of(refusal, kind())
    return render(
        "customers/new.html",
        block={"customer-new": "form"},
        status=422 if refusal else 200,
        kind=kind(),
        values=values,
        idem=idem,
        problems=problems,
        groups=forms.NEW_GROUPS,
    )


def _edit(sheet: Sheet, values: dict[str, str], *, version: int, refusal: Exception | None = None) -> Response:
    problems = forms.Problems.of(refusal, kind())
    return render(
        "customers/edit.html",
        block={f"customer-{sheet.contact.id}": "form"},
        status=422 if refusal else 200,
        kind=kind(),
        sheet=sheet,
        values=values,
        version=version,
        problems=problems,
        groups=forms.GROUPS,
    )


def _conflict(sheet: Sheet, conflict: Conflict, *, version: int) -> Response:
    return render(
        "customers/conflict.html",
        block={f"customer-{sheet.contact.id}": "form"},
        status=409,
        kind=kind(),
        sheet=sheet,
        conflict=conflict,
        version=version,
        you=current_user.name,
        by_key=by_key,
    )
