"""Contacts that may be the same: asked while somebody types a new one, and listed for those who clean up."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, forms
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.contacts import rules
from posxero.services.contacts.duplicates import distinct, known, pairs
from posxero.services.contacts.duplicates.pairs import PairPosition
from posxero.services.errors import NotFound
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user

COMPARED = ("name", *known.COMPARED)  # keys of the fields that are looked at
LENGTH_MAX = 255  # characters of a field that are looked at


@bp.get("/new/known")
@allowed(Right.EDIT, polls=True)
def known_contacts() -> ResponseReturnValue:
    """Answer who has the email, the phones or nearly the name that are being typed; nothing when nobody has."""
    if not request.htmx.partial:
        return go_to(url_for(".new"))
    typed = {key: request.args.get(key, "")[:LENGTH_MAX] for key in COMPARED}
    found = rules.find_known(db.session, g.business, typed)
    twins = [forms.DuplicateHint.of(one, contact_kind()) for one in found]
    return render("customers/duplicates.html", block="known", twins=twins)


@bp.get("/duplicates")
@allowed(Right.MANAGE)
def duplicate_pairs() -> ResponseReturnValue:
    """List pairs of contacts that may be the same, page by page."""
    after = request.args.get("after", "")
    return render(
        "customers/duplicate_pairs.html",
        kind=contact_kind(),
        found=pairs.page(db.session, g.business.id, PairPosition.parse(after)),
        after=after,
        marked=[parse_uuid(request.args.get(name)) for name in ("one", "other")],
    )


@bp.post("/duplicates/not-the-same")
@allowed(Right.MANAGE)
def mark_distinct() -> ResponseReturnValue:
    """Keep that two contacts are not the same; the list offers to take that back."""
    one, other = _submitted()
    distinct.mark(db.session, g.business.id, one, other, by=current_user.name, now=request_time())
    return go_to(url_for(".duplicate_pairs", after=request.form.get("after") or None, one=one, other=other))


@bp.post("/duplicates/propose-again")
@allowed(Right.MANAGE)
def unmark_distinct() -> ResponseReturnValue:
    """Propose two contacts again."""
    one, other = _submitted()
    distinct.unmark(db.session, g.business.id, one, other)
    toast("They are listed again.")
    return go_to(url_for(".duplicate_pairs", after=request.form.get("after") or None))


def _submitted() -> tuple[UUID, UUID]:
    one, other = (parse_uuid(request.form.get(name)) for name in ("one", "other"))
    if one is None or other is None:
        raise NotFound
    return one, other
