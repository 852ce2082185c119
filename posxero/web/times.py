"""Format times for pages, in the business's time zone and on a 12-hour clock."""

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g

from posxero.web.durations import format_duration
from posxero.web.request_time import request_time


def init_app(app: Flask) -> None:
    """Register the filters of this module for templates."""
    filters = (format_time, date_and_time, format_duration, countdown, time_of_day, upcoming, weekday, when_started)
    for template_filter in filters:
        app.add_template_filter(template_filter)
    app.add_template_filter(calendar_date)


def calendar_date(on: date) -> str:
    """Format a day of the calendar: "12 Nov 2026"."""
    return f"{on.day} {on:%b %Y}"


def format_time(at: datetime) -> str:
    """Format a past time: "today 8:34 am", "yesterday 9:10 am", else "12 Nov 2026, 10:41 am"."""
    return format_time_in(at, request_time(), g.business.timezone)


def date_and_time(at: datetime) -> str:
    """Format a time that is kept as text: "12 Nov 2026, 10:41 am"."""
    local = at.astimezone(ZoneInfo(g.business.timezone or "UTC"))
    return f"{local.day} {local:%b %Y}, {_time(local)}"


def time_of_day(at: datetime) -> str:
    """Format the time of day: "8:34 am"."""
    return _time(at.astimezone(ZoneInfo(g.business.timezone or "UTC")))


def _time(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def upcoming(at: datetime) -> str:
    """Format a future time: "within a minute", "at 8:34 am", "tomorrow at 8:34 am", "on 12 November at 8:34 am"."""
    if at < request_time() + timedelta(minutes=1):
        return "within a minute"
    zone = ZoneInfo(g.business.timezone or "UTC")
    local, today = at.astimezone(zone), request_time().astimezone(zone).date()
    if local.date() <= today:
        return f"at {time_of_day(at)}"
    day_words = "tomorrow" if local.date() == today + timedelta(days=1) else f"on {local.day} {local:%B}"
    return f"{day_words} at {time_of_day(at)}"


def countdown(wait: timedelta) -> str:
    """Format a wait in minutes and seconds, rounded up: "0:42"."""
    minutes, seconds = divmod(math.ceil(wait.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


def when_started(at: datetime) -> str:
    """Format when a person began something: "at 8:34 am", with the day where it was not today."""
    return f"at {time_of_day(at)}" + ("" if weekday(at) == weekday(request_time()) else f" on {weekday(at)}")


def weekday(at: datetime) -> str:
    """Format a day: "Thursday 3 December"."""
    return day(at, g.business.timezone)


def day(at: datetime, timezone: str) -> str:
    """Format a day in a time zone, as `weekday` does.

    Args:
        timezone: An IANA name; "" is UTC.
    """
    local = at.astimezone(ZoneInfo(timezone or "UTC"))
    return f"{local:%A} {local.day} {local:%B}"


def since(at: datetime, now: datetime, timezone: str) -> str:
    """Format the start of a period: "10:42 am", "10:42 am yesterday", "10:42 am on 12 Nov 2026".

    Args:
        timezone: An IANA name; "" is UTC.
    """
    zone = ZoneInfo(timezone or "UTC")
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    relative = {today: "", today - timedelta(days=1): " yesterday"}
    return _time(local) + relative.get(local.date(), f" on {local.day} {local:%b %Y}")


def format_time_in(at: datetime, now: datetime, timezone: str) -> str:
    """Format a time in a time zone, as `format_time` does.

    Args:
        timezone: An IANA name; "" is UTC.
    """
    zone = ZoneInfo(timezone or "UTC")
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    relative = {today: "today ", today - timedelta(days=1): "yesterday ", today + timedelta(days=1): "tomorrow "}
    return relative.get(local.date(), f"{local.day} {local:%b %Y}, ") + _time(local)
