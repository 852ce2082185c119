"""How the signed-in person's business stands with Xero, read once a request."""

from typing import cast

from flask import g

from posxero.db.session import db
from posxero.services.sync_status.connection_status import ConnectionStatus, load_connection_status
from posxero.web.htmx import request

STATUS_KEY = "posxero.standing"


def connection_status() -> ConnectionStatus:
    """Read it; the page and its frame share it."""
    if STATUS_KEY not in request.environ:
        request.environ[STATUS_KEY] = load_connection_status(db.session, g.business.id)
    return cast("ConnectionStatus", request.environ[STATUS_KEY])
