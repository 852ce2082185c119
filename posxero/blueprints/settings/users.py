"""Settings → Users: who may sign in, and as what."""

from typing import Any
from uuid import UUID

from flask import abort, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.session import db
from posxero.domain.enums import Right, Role
from posxero.services.accounts import invitations
from posxero.services.accounts import users as service
from posxero.services.accounts.user_rules import InvalidUser
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user

ABILITIES = (
    ("View customers, history and sync activity", Right.READ),
    ("Add and edit customers, charge sales, send one again", Right.EDIT),
    (
        "Import; archive, link, merge and erase customers; change many of them, or send them again, at once",
        Right.MANAGE,
    ),
    ("Void sales; set limits, groups and tags, and the accounts of sales", Right.MANAGE),
    (
        "See what does not update in Xero, the field map and each week's changes; download what was imported",
        Right.AUDIT,
    ),
    ("Download customers and the history of the business", Right.EXPORT),
    ("Connect and disconnect Xero, manage users, see Xero's responses and the security log", Right.OWN),
)


@bp.get("/users")
@allowed(Right.OWN)
def users() -> ResponseReturnValue:
    """List the people of the business, the open invitations, and what each role can do."""
    people = service.by_name(db.session, g.business.id)
    invited = [
        (one, invitations.is_usable(one, request_time())) for one in invitations.list_open(db.session, g.business.id)
    ]
    return render("settings/users.html", people=people, invited=invited, roles=list(Role), abilities=ABILITIES)


@bp.route("/users/<uuid:user_id>", methods=["GET", "POST"])
@allowed(Right.OWN)
def change_user(user_id: UUID) -> ResponseReturnValue:
    """Change a user's name, role or password."""
    user = service.get(db.session, g.business.id, user_id)
    typed = {"name": request.form.get("name", user.name), "role": request.form.get("role", user.role.value)}
    context: dict[str, Any] = {"user": user, "user_name": user.name, "typed": typed, "roles": list(Role)}
    if request.method == "GET":
        return render("settings/change_user.html", errors={}, **context)
    try:
        password = request.form.get("password", "")
        service.change(db.session, user, **typed, password=password, now=request_time(), by=actor())
    except InvalidUser as error:
        return render("settings/change_user.html", status=422, errors=error.errors, **context)
    toast(f"{user.name} was changed.")
    return go_to(url_for(".users"))


@bp.route("/users/<uuid:user_id>/delete", methods=["GET", "POST"])
@allowed(Right.OWN)
def delete_user(user_id: UUID) -> ResponseReturnValue:
    """Ask, then remove a user."""
    user = service.get(db.session, g.business.id, user_id)
    if user.id == current_user.id:
        abort(422, "You can't remove yourself. Ask another owner.")
    if request.method == "GET":
        return render("settings/delete_user.html", user=user, errors={})
    try:
        service.remove(db.session, user, now=request_time(), by=actor())
    except InvalidUser as error:
        return render("settings/delete_user.html", status=422, user=user, errors=error.errors)
    toast(f"{user.name} was removed.")
    return go_to(url_for(".users"))
