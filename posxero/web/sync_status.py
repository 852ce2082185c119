"""How the signed-in person's business stands with Xero, read once a request."""

from typing import cast

from flask import g

from posxero.db.session import db
from posxero.services.sync_status import badges
from posxero.services.sync_status.badges import Standing
from posxero.web.htmx import request

STANDING = "posxero.standing"


def standing() -> Standing:
    """Read it; the page and its frame share it."""
    if STANDING not in request.environ:
        request.environ[STANDING] = badges.standing(db.session, g.business.id)
    return cast("Standing", request.environ[STANDING])
