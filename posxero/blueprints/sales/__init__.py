"""On-account sales: charge, list, show, void, print. One module a page."""

from flask import Blueprint

bp = Blueprint("sales", __name__)

from posxero.blueprints.sales import (  # noqa: E402 - they add their routes to bp
    balance,  # noqa: F401
    customers,  # noqa: F401
    index,  # noqa: F401
    limit,  # noqa: F401
    new,  # noqa: F401
    show,  # noqa: F401
    void,  # noqa: F401
)
