"""Xero's webhooks: their signature, and what their events name.

Source: Xero's pages on webhooks, and xero-webhooks.yaml of its OpenAPI documents. The key is text, and is not decoded.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from posxero.domain.drift_kinds import ChangeCategory

SIGNATURE_HEADER = "x-xero-signature"
MAX_BODY = 8 * 1024 * 1024  # bytes; a delivery of 10,000 events has 4 million
CATEGORIES = frozenset({ChangeCategory.CONTACT, ChangeCategory.INVOICE})


class UnreadableWebhook(ValueError):
    """The body is not a list of events."""


class Event(NamedTuple):
    """One resource that changed; `at` is None when the event does not say when."""

    tenant_id: UUID
    category: ChangeCategory
    xero_id: UUID
    at: datetime | None


class _Event(msgspec.Struct, rename="camel", gc=False):
    tenant_id: object = None
    event_category: object = None
    resource_id: object = None
    event_date_utc: object = None


class _Webhook(msgspec.Struct, rename="camel"):
    events: list[_Event] | None = None


def is_signed(body: bytes, signature: str, key: str) -> bool:
    """Return whether the signature is that of the body, in a time that tells nothing of the right one."""
    right = base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256))
    return bool(key) and hmac.compare_digest(right, signature.encode("utf-8", "replace"))


def parse_events(body: bytes) -> list[Event]:
    """Parse a signed body; the handshake holds no event. Other categories, and events without ids, are left out.

    Raises:
        UnreadableWebhook: It is not JSON with a list of events.
    """
    try:
        webhook = msgspec.json.decode(body, type=_Webhook)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableWebhook(str(error)) from error
    if webhook.events is None:
        raise UnreadableWebhook("there is no list of events")
    return list(_known(webhook.events))


def _known(events: list[_Event]) -> Iterator[Event]:
    for event in events:
        if isinstance(event.event_category, str) and event.event_category in CATEGORIES:
            try:
                tenant_id, xero_id = UUID(str(event.tenant_id)), UUID(str(event.resource_id))
            except ValueError:
                continue
            yield Event(tenant_id, ChangeCategory(event.event_category), xero_id, _time(event.event_date_utc))


def _time(text: object) -> datetime | None:
    """Read a time, which is in UTC although it does not say so."""
    try:
        at = datetime.fromisoformat(str(text))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
