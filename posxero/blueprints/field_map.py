"""The field map as a page: which field here is which in Xero, for the bookkeeper."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from posxero.domain import field_words
from posxero.domain.enums import Right
from posxero.domain.fields import groups
from posxero.web.htmx import render
from posxero.web.sign_in import allowed

bp = Blueprint("fields", __name__, url_prefix="/fields")


@bp.get("")
@allowed(Right.AUDIT)
def index() -> ResponseReturnValue:
    """Show the field map."""
    return render("fields/index.html", groups=groups(), words=field_words)
