"""Settings: the connection to Xero, the business, sales, groups and tags, users, the security log, one's account.

A module a page.
"""

from flask import Blueprint

bp = Blueprint("settings", __name__, url_prefix="/settings")

from posxero.blueprints.settings import (  # noqa: E402 - they add their routes to bp
    account,  # noqa: F401
    business,  # noqa: F401
    invitations,  # noqa: F401
    labels,  # noqa: F401
    sales,  # noqa: F401
    security,  # noqa: F401
    users,  # noqa: F401
    xero,  # noqa: F401
)
