"""Webhooks as Xero sends them: bodies, and their signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.test import TestResponse

    from tests.support.browser import Browser

PATH = "/xero/webhook"
KEY = "practice-webhook"  # of the settings of the tests
# Xero's own example of a handshake: the key, the body and the signature that fits them.
HANDSHAKE = b'{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'


def event(tenant_id: object, xero_id: object, **more: Any) -> dict[str, Any]:
    """Return an event about a contact; `more` are Xero's names."""
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Contacts/{xero_id}",
        "resourceId": str(xero_id),
        "eventDateUtc": "2026-11-21T01:15:39.902",
        "eventType": "UPDATE",
        "eventCategory": "CONTACT",
        "tenantId": str(tenant_id),
        "tenantType": "ORGANISATION",
    } | more


def body_of(events: Iterable[dict[str, Any]]) -> bytes:
    """Return the body of a delivery."""
    listed = list(events)
    return json.dumps({"events": listed, "lastEventSequence": len(listed), "firstEventSequence": 1}).encode()


def sign(body: bytes, key: str = KEY) -> str:
    """Return the signature of a body."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def deliver(browser: Browser, body: bytes, signature: str | None = None, **options: Any) -> TestResponse:
    """Deliver a body, signed with the key unless another signature is named."""
    headers = {"Content-Type": "application/json", "x-xero-signature": sign(body) if signature is None else signature}
    return browser.post(PATH, data=body, headers=headers, **options)
