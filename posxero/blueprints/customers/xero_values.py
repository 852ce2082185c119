"""Use Xero's value, of one field or of all that differ."""

from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.blueprints.customers.edit import refuse, save
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import Right
from posxero.domain.fields import MAPPED_KEYS
from posxero.services.contacts.rules import InvalidContact
from posxero.services.drift.differences import xero_values
from posxero.services.drift.differences.xero_values import ValueChanged
from posxero.services.errors import NotFound
from posxero.web.htmx import go_to, request, toast
from posxero.web.numbers import parse_int
from posxero.web.sign_in import allowed

ALL = "all"  # of the form's button: every value that can be used
SHOWN = "xero_"  # prefix of the inputs with Xero's values as the page shows them


@bp.post("/<uuid:contact_id>/use-xeros-value")
@allowed(Right.EDIT)
def use_xeros_value(contact_id: UUID) -> ResponseReturnValue:
    """Save what Xero has, as an edit; where our rules refuse it, the form opens with it."""
    contact_page = ContactPage.of(contact_id)
    if contact_page.link is None:
        raise NotFound(contact_id)
    copy, seen = XeroCopy.from_json(contact_page.link.copy), parse_int(request.form.get("version"), 0)
    try:
        form = xero_values.submission_of(copy, _chosen(), seen=seen, kind=contact_kind())
    except ValueChanged:
        toast("Xero's details have changed meanwhile. Compare them again.", "warn")
        return go_to(url_for(".show", contact_id=contact_id), stay=True)
    errors = xero_values.masked_errors(form.values)
    return refuse(contact_id, form, InvalidContact(errors)) if errors else save(contact_id, form)


def _chosen() -> dict[str, str]:
    """Return the values that the pressed button is for, by field key, as the page showed them."""
    pressed, form = request.form.get("field", ""), request.form
    keys = MAPPED_KEYS if pressed == ALL else [key for key in MAPPED_KEYS if key == pressed]
    return {key: form[SHOWN + key] for key in keys if SHOWN + key in form}
