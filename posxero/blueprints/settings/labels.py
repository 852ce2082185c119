"""Settings → Groups and tags: which there are, how many have each, rename and delete."""

from typing import Any
from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.labels import NAME_MAX, LabelKind
from posxero.services.contacts.labels import vocabulary
from posxero.services.contacts.labels.vocabulary import InvalidLabel
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.route("/labels", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def labels() -> ResponseReturnValue:
    """List groups and tags; add one."""
    if request.method == "GET":
        return _page()
    kind, name = _kind(), request.form.get("name", "")
    try:
        label = vocabulary.add(db.session, g.business.id, kind, name, now=request_time())
    except InvalidLabel as refusal:
        return _page(refused=kind, typed=name, errors=refusal.errors)
    toast(f"{kind.label} {label.name} added.")
    return go_to(url_for(".labels"))


@bp.route("/labels/<uuid:label_id>", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def rename_label(label_id: UUID) -> ResponseReturnValue:
    """Rename a group or tag."""
    label = vocabulary.get(db.session, g.business.id, label_id)
    if request.method == "GET":
        return _question("settings/rename_label.html", label_id, typed=label.name, errors={})
    typed = request.form.get("name", "")
    try:
        renamed = vocabulary.rename(db.session, g.business.id, label_id, typed)
    except InvalidLabel as refusal:
        return _question("settings/rename_label.html", label_id, status=422, typed=typed, errors=refusal.errors)
    toast(f"{renamed.kind.label} renamed to {renamed.name}.")
    return go_to(url_for(".labels"))


@bp.route("/labels/<uuid:label_id>/delete", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def delete_label(label_id: UUID) -> ResponseReturnValue:
    """Ask, saying how many have it; then delete a group or tag."""
    if request.method == "GET":
        return _question("settings/delete_label.html", label_id)
    label = vocabulary.get(db.session, g.business.id, label_id)
    words = f"{label.kind.label} {label.name}"
    taken = vocabulary.delete(db.session, g.business.id, label_id, by=current_user.name, now=request_time())
    toast(f"{words} deleted. {taken:,} {'customer' if taken == 1 else 'customers'} had it.")
    return go_to(url_for(".labels"))


def _kind() -> LabelKind:
    return LabelKind.TAG if request.form.get("kind") == LabelKind.TAG else LabelKind.GROUP


def _page(*, refused: LabelKind | None = None, typed: str = "", errors: dict[str, str] | None = None) -> Response:
    return render(
        "settings/labels.html",
        status=422 if errors else 200,
        uses=vocabulary.uses(db.session, g.business.id),
        refused=refused,
        typed=typed,
        errors=errors or {},
        name_max=NAME_MAX,
    )


def _question(template: str, label_id: UUID, *, status: int = 200, **context: Any) -> Response:
    label = vocabulary.get(db.session, g.business.id, label_id)
    count = vocabulary.count(db.session, label)
    return render(template, status=status, label=label, count=count, name_max=NAME_MAX, **context)
