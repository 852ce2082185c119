"""Customers and suppliers: lists, search, one contact, editing. Both kinds share every page."""

from flask import Blueprint, Flask

bp = Blueprint("customers", __name__)

from posxero.blueprints.customers import acts, edit, index, known, message, show  # noqa: E402, F401 - their views name `bp`


def register(app: Flask) -> None:
    """Serve the pages twice: under /customers and under /suppliers."""
    app.register_blueprint(bp, url_prefix="/customers")
    app.register_blueprint(bp, name="suppliers", url_prefix="/suppliers")
