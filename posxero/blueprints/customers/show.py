"""One contact: details, badge, what Xero has, history."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.kinds import kind
from posxero.blueprints.customers.sheet import Sheet
from posxero.db.session import db
from posxero.domain.fields import by_key
from posxero.domain.words import Right
from posxero.services import activity
from posxero.web.htmx import go_to, render, request
from posxero.web.numbers import whole
from posxero.web.sign_in import allowed

POLLS = 40  # every 3 s: the badge stops asking after two minutes


@bp.get("/<uuid:contact_id>")
@allowed(Right.READ)
def show(contact_id: UUID) -> ResponseReturnValue:
    """Show a contact."""
    return _page("customers/show.html", contact_id, {f"customer-{contact_id}": "customer"}, polls=0)


@bp.get("/<uuid:contact_id>/status")
@allowed(Right.READ, polls=True)
def status(contact_id: UUID) -> ResponseReturnValue:
    """Answer the badge, which asks again while it waits; then the history comes with it."""
    if not request.htmx.partial:
        return go_to(url_for(".show", contact_id=contact_id))
    polls = min(whole(request.args.get("polls"), POLLS), POLLS)
    return _page("customers/status.html", contact_id, "status", polls=polls)


def _page(template: str, contact_id: UUID, block: str | dict[str, str], *, polls: int) -> ResponseReturnValue:
    return render(
        template,
        block=block,
        kind=kind(),
        sheet=Sheet.of(contact_id),
        history=activity.history(db.session, g.business.id, contact_id),
        by_key=by_key,
        polls=polls,
        polls_max=POLLS,
    )
