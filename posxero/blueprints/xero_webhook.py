"""What Xero's webhooks are answered: 200 or 401, without a body or a cookie, whatever Redis and the workers do."""

from http import HTTPStatus

import structlog
from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.drift import inbox
from posxero.web.htmx import request
from posxero.web.request_time import request_time
from posxero.web.security import csrf
from posxero.web.sign_in import public
from posxero.xero import webhooks
from posxero.xero.webhooks import UnreadableWebhook

bp = Blueprint("xero_webhook", __name__, url_prefix="/xero")
log = structlog.get_logger(__name__)


@bp.post("/webhook")
@public
def receive() -> ResponseReturnValue:
    """Store what changed in Xero; the signature is all that is trusted."""
    request.max_content_length = webhooks.MAX_BODY
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _empty(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except ClientDisconnected:
        return _empty(HTTPStatus.BAD_REQUEST)
    signature = request.headers.get(webhooks.SIGNATURE_HEADER, "")
    if not webhooks.is_signed(body, signature, current_ports().settings.xero.webhook_key):
        return _empty(HTTPStatus.UNAUTHORIZED)
    return _empty(_store(body))


csrf.exempt(receive)  # the signature is what tells Xero from others


def _store(body: bytes) -> HTTPStatus:
    """Store the events of a signed body. Xero repeats a delivery that is answered by 503."""
    try:
        events = webhooks.parse_events(body)
        stored = inbox.receive(db.session, events, now=request_time(), jobs=current_ports().jobs)
    except UnreadableWebhook as error:
        log.warning("webhook.unreadable", length=len(body), error=str(error))
    except SQLAlchemyError as error:
        db.session.rollback()
        log.error("webhook.not_stored", error=str(getattr(error, "orig", error)))  # noqa: TRY400 - not our defect
        return HTTPStatus.SERVICE_UNAVAILABLE
    else:
        log.info("webhook.received", events=len(events), stored=stored)
    return HTTPStatus.OK


def _empty(status: HTTPStatus) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
