"""The parts every screen is made of, on one page; not in production."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from posxero.domain.enums import SyncState
from posxero.web.htmx import render
from posxero.web.sign_in import public

bp = Blueprint("styleguide", __name__)


@bp.get("/styleguide")
@public
def styleguide() -> ResponseReturnValue:
    """Show the parts."""
    return render("styleguide.html", states=list(SyncState))
