"""Settings: the connection to Xero, the business, its users. One module a page."""

from flask import Blueprint

bp = Blueprint("settings", __name__, url_prefix="/settings")

from posxero.blueprints.settings import business, invitations, users, xero  # noqa: E402, F401 - they add their routes to bp
