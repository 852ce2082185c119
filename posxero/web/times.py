"""Times on screen: in the business's time zone, in the words of a person; and the moment of a request."""

from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import Flask, g

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.web.htmx import request

MOMENT = "posxero.moment"


def init_app(app: Flask) -> None:
    """Register the filters `clock` and `time_of_day` for templates."""
    app.add_template_filter(clock)
    app.add_template_filter(time_of_day)


def moment() -> datetime:
    """Read the database's clock, once a request."""
    if MOMENT not in request.environ:
        request.environ[MOMENT] = database_time(db.session)
    return cast("datetime", request.environ[MOMENT])


def clock(at: datetime) -> str:
    """Say when: "today 10:42", "yesterday 09:10", else "12 Nov 2026 10:41"."""
    return words(at, moment(), g.business.timezone)


def time_of_day(at: datetime) -> str:
    """Return a time of day in the business's zone: "8:34 am"."""
    there = at.astimezone(ZoneInfo(g.business.timezone or "UTC"))
    return f"{there.hour % 12 or 12}:{there:%M} {'am' if there.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def words(at: datetime, now: datetime, timezone: str) -> str:
    """Say when something was or will be, as people in a time zone say it now.

    Args:
        timezone: An IANA name; "" is UTC.
    """
    zone = ZoneInfo(timezone or "UTC")
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    near = {today: "today", today - timedelta(days=1): "yesterday", today + timedelta(days=1): "tomorrow"}
    day = near.get(there.date()) or f"{there.day} {there:%b %Y}"
    return f"{day} {there:%H:%M}"
