"""Times on screen, in the business's time zone and with a 12-hour clock; and the moment of a request."""

import math
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import Flask, g

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.web.htmx import request

REQUEST_TIME_KEY = "posxero.moment"


def init_app(app: Flask) -> None:
    """Register the filters for templates: times, days and waits in words."""
    for template_filter in (format_time, countdown, time_of_day, upcoming, weekday, when_begun):
        app.add_template_filter(template_filter)


def request_time() -> datetime:
    """Read the database's clock, once a request."""
    if REQUEST_TIME_KEY not in request.environ:
        request.environ[REQUEST_TIME_KEY] = database_time(db.session)
    return cast("datetime", request.environ[REQUEST_TIME_KEY])


def format_time(at: datetime) -> str:
    """Return when something was: "today 8:34 am", "yesterday 9:10 am", else "12 Nov 2026, 10:41 am"."""
    return format_time_in(at, request_time(), g.business.timezone)


def time_of_day(at: datetime) -> str:
    """Return a time of day in the business's zone: "8:34 am"."""
    return _time(at.astimezone(ZoneInfo(g.business.timezone or "UTC")))


def _time(there: datetime) -> str:
    return f"{there.hour % 12 or 12}:{there:%M} {'am' if there.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def upcoming(at: datetime) -> str:
    """Return when something will be: "at 8:34 am", "tomorrow at 8:34 am", else "on 12 November at 8:34 am"."""
    zone = ZoneInfo(g.business.timezone or "UTC")
    there, today = at.astimezone(zone), request_time().astimezone(zone).date()
    if there.date() <= today:
        return f"at {time_of_day(at)}"
    day_of = "tomorrow" if there.date() == today + timedelta(days=1) else f"on {there.day} {there:%B}"
    return f"{day_of} at {time_of_day(at)}"


def countdown(wait: timedelta) -> str:
    """Return a wait as a clock that runs down: "0:42", rounded up."""
    minutes, seconds = divmod(math.ceil(wait.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


def when_begun(at: datetime) -> str:
    """Return when a person began something: "at 8:34 am", and the day where it is not today's."""
    return f"at {time_of_day(at)}" + ("" if weekday(at) == weekday(request_time()) else f" on {weekday(at)}")


def weekday(at: datetime) -> str:
    """Return the day of a moment in the business's time zone: "Thursday 3 December"."""
    return day(at, g.business.timezone)


def day(at: datetime, timezone: str) -> str:
    """Return the day of a moment in a time zone, as `weekday` does.

    Args:
        timezone: An IANA name; "" is UTC.
    """
    there = at.astimezone(ZoneInfo(timezone or "UTC"))
    return f"{there:%A} {there.day} {there:%B}"


def since(at: datetime, now: datetime, timezone: str) -> str:
    """Return since when, for the middle of a sentence: "10:42 am", "10:42 am yesterday", "10:42 am on 12 Nov 2026".

    Args:
        timezone: An IANA name; "" is UTC.
    """
    zone = ZoneInfo(timezone or "UTC")
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    near = {today: "", today - timedelta(days=1): " yesterday"}
    return _time(there) + near.get(there.date(), f" on {there.day} {there:%b %Y}")


def format_time_in(at: datetime, now: datetime, timezone: str) -> str:
    """Return when something was or will be, as `clock` does, as people in a time zone say it now.

    Args:
        timezone: An IANA name; "" is UTC.
    """
    zone = ZoneInfo(timezone or "UTC")
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    near = {today: "today ", today - timedelta(days=1): "yesterday ", today + timedelta(days=1): "tomorrow "}
    return near.get(there.date(), f"{there.day} {there:%b %Y}, ") + _time(there)
