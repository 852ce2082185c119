"""Read values of an element as it was sent: texts, numbers and dates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from posxero.practice import shapes, xero_dates
from posxero.practice.rules import MalformedElement

MAX_AMOUNT = Decimal(10) ** 15  # a number of Xero has at most 18 digits before its point; ours stay exact as JSON


def text(source: Mapping[str, Any], key: str) -> str | None:
    """Return a text, None if it was not sent; lone surrogates become U+FFFD.

    Raises:
        MalformedElement: It is a list or an object.
    """
    value = source.get(key)
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        raise MalformedElement(key)
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(source: Mapping[str, Any], key: str) -> Decimal | None:
    """Return a number, None if none was sent.

    Raises:
        MalformedElement: It is no number, or too large to be one of money.
    """
    value = source.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise MalformedElement(key)
    try:
        parsed = Decimal(str(value))
    except InvalidOperation as error:
        raise MalformedElement(key) from error
    if not parsed.is_finite() or abs(parsed) >= MAX_AMOUNT:
        raise MalformedElement(key)
    return parsed


def calendar_date(source: Mapping[str, Any], key: str) -> date | None:
    """Return a date, None if none was sent.

    Raises:
        MalformedElement: It is no date.
    """
    sent = text(source, key)
    if not sent:
        return None
    parsed = xero_dates.parse_date(sent)
    if parsed is None:
        raise MalformedElement(key)
    return parsed


def guid(source: Mapping[str, Any], key: str) -> str:
    """Return a GUID in lower case, "" if none was sent.

    Raises:
        MalformedElement: It is no GUID.
    """
    sent = source.get(key)
    if not sent or sent == shapes.EMPTY_ID:
        return ""
    try:
        return str(UUID(sent))
    except (ValueError, AttributeError, TypeError) as error:
        raise MalformedElement(key) from error


def entries(source: Mapping[str, Any], key: str) -> list[dict[str, Any]] | None:
    """Return a list of objects, None if none was sent.

    Raises:
        MalformedElement: It is no list of objects.
    """
    sent = source.get(key)
    if sent is None:
        return None
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise MalformedElement(key)
    return sent
