"""Whether a new contact is there already, asked while somebody types."""

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, forms
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.contacts.duplicates import known as duplicates
from posxero.web.htmx import go_to, render, request
from posxero.web.sign_in import allowed

LENGTH_MAX = 255  # characters of a field that are looked at


@bp.get("/new/known")
@allowed(Right.EDIT, polls=True)
def known() -> ResponseReturnValue:
    """Answer who has the email or the phones that are being typed; nothing when nobody has."""
    if not request.htmx.partial:
        return go_to(url_for(".new"))
    typed = {key: request.args.get(key, "")[:LENGTH_MAX] for key in duplicates.COMPARED}
    found = duplicates.find(db.session, g.business, typed)
    twins = [forms.DuplicateHint.of(one, contact_kind()) for one in found]
    return render("customers/duplicates.html", block="known", twins=twins)
