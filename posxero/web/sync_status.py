"""The connection status of the signed-in user's business, loaded once a request."""

from typing import cast

from flask import g

from posxero.db.session import db
from posxero.services.sync_status.connection_status import ConnectionStatus, load_connection_status
from posxero.web.htmx import request

STATUS_KEY = "posxero.connection_status"  # of the WSGI environment


def connection_status() -> ConnectionStatus:
    """Return the status that the page and its layout share."""
    if STATUS_KEY not in request.environ:
        request.environ[STATUS_KEY] = load_connection_status(db.session, g.business.id)
    return cast("ConnectionStatus", request.environ[STATUS_KEY])
