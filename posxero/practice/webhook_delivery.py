"""Send one delivery or handshake to the app, with the faults that were asked for, and log it."""

import secrets
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any

import httpx2

from posxero.practice import webhook_messages
from posxero.practice.webhook_outbox import CONTACT, INVOICE, Event, Subscription

HANDSHAKE_SIGNATURES = (True, False, True, False)  # whether each of the requests is signed with the key
MAX_LOGGED = 1000  # deliveries
FAULTS = {
    "drop": "Lose the delivery",
    "wrong_signature": "Sign it with another key",
    "truncated": "Cut the body off, and keep the signature of the whole",
    "unreadable": "Cut the body off, and sign what is left",
    "repeat": "Send it twice",
}


@dataclass(frozen=True)
class Batch:
    """Events that go out together, in the same bytes at every attempt."""

    events: list[Event]
    body: bytes = field(repr=False)


def new_batch(events: Sequence[Event] = ()) -> Batch:
    """Return a batch of events, by default that of a handshake."""
    return Batch(list(events), webhook_messages.encode_events(events))


@dataclass(frozen=True)
class Delivery:
    """One request to the app; `status` is 0 without an answer, `error` says why it counts as failed."""

    at: int
    purpose: str  # handshake, delivery, repeat or reordered
    batch: Batch
    is_signed: bool
    status: int
    error: str = ""
    fault: str = ""

    def summary(self) -> dict[str, Any]:
        """Return the element of the control API."""
        sequences = [event.sequence for event in self.batch.events]
        ids = {
            category: [event.resource_id for event in self.batch.events if event.category == category]
            for category in (CONTACT, INVOICE)
        }
        return {
            "at": self.at,
            "purpose": self.purpose,
            "is_signed": self.is_signed,
            "status": self.status,
            "error": self.error,
            "fault": self.fault,
            "sequences": sequences,
            "contacts": ids[CONTACT],
            "invoices": ids[INVOICE],
        }


class Deliverer:
    """Sends to the app; its log and its pending faults do not survive a restart."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Start without deliveries; `clock` returns milliseconds since 1970."""
        self._clock = clock
        self._client = webhook_messages.new_client()
        self._lock = Lock()
        self._faults: deque[str] = deque()
        self._log: deque[Delivery] = deque(maxlen=MAX_LOGGED)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def add_faults(self, kind: str, count: int) -> None:
        """Apply a fault to the next deliveries, after those that are pending."""
        with self._lock:
            self._faults.extend([kind] * count)

    def clear(self) -> None:
        """Remove the pending faults and the log."""
        with self._lock:
            self._faults.clear()
            self._log.clear()

    def pending_faults(self) -> dict[str, int]:
        """Return the number of pending faults by kind."""
        with self._lock:
            return dict(Counter(self._faults))

    def deliveries(self) -> list[Delivery]:
        """Return the logged requests, oldest first."""
        with self._lock:
            return list(self._log)

    def shake_hands(self, subscription: Subscription) -> list[Delivery]:
        """Send the intent-to-receive requests, up to one that is not answered; return them."""
        steps: list[Delivery] = []
        for is_signed in HANDSHAKE_SIGNATURES:
            batch = new_batch()
            key = subscription.key if is_signed else secrets.token_hex()
            expected = HTTPStatus.OK if is_signed else HTTPStatus.UNAUTHORIZED
            status, error = self._post(subscription, batch.body, webhook_messages.sign(batch.body, key))
            error = error or ("" if status == expected else f"{expected.value} was expected")
            steps.append(self._add(Delivery(self._clock(), "handshake", batch, is_signed, status, error)))
            if status == webhook_messages.UNANSWERED:
                break
        return steps

    def deliver(self, subscription: Subscription, batch: Batch, purpose: str = "delivery") -> bool:
        """Send a batch with the next pending fault; return whether it counts as delivered."""
        fault = self._next_fault()
        if fault == "drop":
            self._add(Delivery(self._clock(), purpose, batch, is_signed=True, status=0, fault=fault))
            return True
        body = batch.body[: len(batch.body) // 2] if fault in {"truncated", "unreadable"} else batch.body
        key = secrets.token_hex() if fault == "wrong_signature" else subscription.key
        signature = webhook_messages.sign(body if fault == "unreadable" else batch.body, key)
        for _ in range(2 if fault == "repeat" else 1):
            status, error = self._post(subscription, body, signature)
            error = error or ("" if httpx2.codes.is_success(status) else "a status of 2xx was expected")
            is_signed = fault not in {"wrong_signature", "truncated"}
            self._add(Delivery(self._clock(), purpose, batch, is_signed, status, error, fault))
        return not error

    def _next_fault(self) -> str:
        with self._lock:
            return self._faults.popleft() if self._faults else ""

    def _post(self, subscription: Subscription, body: bytes, signature: str) -> tuple[int, str]:
        return webhook_messages.send(self._client, subscription.url, body, signature)

    def _add(self, delivery: Delivery) -> Delivery:
        with self._lock:
            self._log.append(delivery)
        return delivery
