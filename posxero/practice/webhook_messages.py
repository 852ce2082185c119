"""The requests of a webhook: their body, their signature, and how an answer is judged.

Source: Xero's pages on webhooks, and xero-webhooks.yaml of its OpenAPI documents.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

import httpx2

from posxero.practice.webhook_outbox import CONTACT, INVOICE, Event
from posxero.practice.xero_dates import format_iso

SIGNATURE_HEADER = "x-xero-signature"
RESOURCE_URLS = {
    CONTACT: "https://api.xero.com/api.xro/2.0/Contacts",
    INVOICE: "https://api.xero.com/api.xro/2.0/Invoices",
}
ANSWER_TIMEOUT = 5.0  # seconds; Xero's page on webhooks
UNANSWERED = 0  # the status of a request without an answer

_tls_context = cache(httpx2.create_ssl_context)  # loading the certificate authorities takes 40 ms


def encode_events(events: Sequence[Event]) -> bytes:
    """Return the body of a delivery; without events, that of the intent-to-receive handshake."""
    sequences = [event.sequence for event in events]
    body = {
        "events": [_element(event) for event in events],
        "lastEventSequence": max(sequences, default=0),
        "firstEventSequence": min(sequences, default=0),
        "entropy": secrets.token_urlsafe(16),
    }
    return json.dumps(body, separators=(",", ":")).encode()


def sign(body: bytes, key: str) -> str:
    """Return the x-xero-signature of a body: Base64 of HMAC-SHA256, with the key as UTF-8 text."""
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def is_address(url: str) -> bool:
    """Return whether webhooks can be delivered to an address."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def new_client() -> httpx2.Client:
    """Return a client that waits for an answer as long as Xero does, and follows no redirect."""
    return httpx2.Client(timeout=ANSWER_TIMEOUT, trust_env=False, verify=_tls_context(trust_env=False))


def send(client: httpx2.Client, url: str, body: bytes, signature: str) -> tuple[int, str]:
    """Post a body; return the status of the answer, and why Xero would not accept the answer, "" if it would."""
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
    started = time.monotonic()
    try:
        answer = client.post(url, content=body, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return UNANSWERED, f"no answer: {type(error).__name__}"
    if time.monotonic() - started > ANSWER_TIMEOUT:
        return answer.status_code, f"the answer took longer than {ANSWER_TIMEOUT:.0f} seconds"
    if answer.content:
        return answer.status_code, "the answer has a body"
    if "set-cookie" in answer.headers:
        return answer.status_code, "the answer sets a cookie"
    return answer.status_code, ""


def _element(event: Event) -> dict[str, str]:
    return {
        "resourceUrl": f"{RESOURCE_URLS[event.category]}/{event.resource_id}",
        "resourceId": event.resource_id,
        "eventDateUtc": f"{format_iso(event.at)}.{event.at % 1000:03d}",
        "eventType": event.type,
        "eventCategory": event.category,
        "tenantId": event.tenant,
        "tenantType": "ORGANISATION",
    }
