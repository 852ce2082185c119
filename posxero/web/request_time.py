"""The time of a request: the database's clock, read once."""

from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import g

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.web.htmx import request

REQUEST_TIME_KEY = "posxero.request_time"  # of the WSGI environment


def request_time() -> datetime:
    """Return the database's time as of the first call in this request."""
    if REQUEST_TIME_KEY not in request.environ:
        request.environ[REQUEST_TIME_KEY] = database_time(db.session)
    return cast("datetime", request.environ[REQUEST_TIME_KEY])


def shop_today() -> date:
    """Return the day in the shop of the signed-in person."""
    return request_time().astimezone(ZoneInfo(g.business.timezone or "UTC")).date()
