"""The background thread that delivers webhooks: first the handshake, then events in batches, with retries."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from threading import RLock, Thread

from posxero.practice import store, webhook_outbox
from posxero.practice.webhook_delivery import Batch, Deliverer, Delivery, new_batch
from posxero.practice.webhook_messages import UNANSWERED
from posxero.practice.webhook_outbox import Subscription

RETRY_WAITS = (0.0, *[900.0] * 96)  # seconds: at once, then every 15 minutes for 24 hours; Xero's page on webhooks
BATCH_DELAY = 2.0  # seconds that events are collected before they are delivered
MAX_STARTUP_WAIT = 30.0  # seconds between handshakes with an app that does not answer yet


@dataclass(frozen=True)
class WebhookTiming:
    """Seconds that events are collected, and the waits before each retry, after which the subscription is disabled."""

    batch_delay: float = BATCH_DELAY
    retry_waits: Sequence[float] = RETRY_WAITS


class WebhookWorker:
    """Delivers the events of the outbox. Without an address, nothing is sent."""

    def __init__(self, path: Path, clock: Callable[[], int], timing: WebhookTiming) -> None:
        """Create the worker of the database at `path`; it runs after `start`."""
        self.deliverer = Deliverer(clock)
        self.is_held = False
        self.handshake: list[Delivery] = []
        self._path, self._timing = path, timing
        self._lock = RLock()  # held while something is sent, so that deliveries keep their order
        self._woken, self._closing = Flag(), Flag()
        self._thread: Thread | None = None
        self._batch: Batch | None = None  # the batch that failed, with the time of its next attempt
        self._due_at: float | None = None  # by the monotonic clock
        self._failures = self._unanswered = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread after the request that it is sending."""
        self._closing.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
        self.deliverer.close()

    def wake(self) -> None:
        """Look for new events now."""
        self._woken.set()

    def hold(self, *, is_held: bool) -> None:
        """Hold deliveries back, or release them."""
        self.is_held = is_held
        self.wake()

    def subscribe(self, url: str, key: str) -> None:
        """Set the address and the key, and verify them; an empty `url` removes both."""
        with self._lock:  # or else the thread verifies them, too
            with closing(store.connect(self._path)) as database, store.transaction(database):
                webhook_outbox.set_subscription(database, url, key)
            self.verify()

    def verify(self) -> None:
        """Repeat the handshake, which sets the status of the subscription."""
        with self._lock, closing(store.connect(self._path)) as database:
            subscription = webhook_outbox.get_subscription(database)
            if subscription.url:
                self._verify(database, subscription)
        self.wake()

    def deliver_now(self) -> int:
        """Deliver pending events without delay until one attempt fails; return how many are still pending."""
        with self._lock, closing(store.connect(self._path)) as database:
            subscription = webhook_outbox.get_subscription(database)
            while subscription.status == webhook_outbox.OK and webhook_outbox.count_pending(database):
                self._due_at = time.monotonic()
                self._deliver_due(database, subscription)
                if self._failures or self._batch:
                    break
            return webhook_outbox.count_pending(database)

    def repeat(self, times: int) -> bool:
        """Send the last delivery again a number of times; return whether there is one."""
        sent = [each.batch for each in self.deliverer.deliveries() if each.purpose == "delivery"]
        with self._lock, closing(store.connect(self._path)) as database:
            subscription = webhook_outbox.get_subscription(database)
            if not sent or not subscription.url:
                return False
            for _ in range(times):
                self.deliverer.deliver(subscription, sent[-1], "repeat")
        return True

    def send_out_of_order(self, count: int = 10) -> int:
        """Send the latest events, delivered or not, newest first and one by one; return how many were sent."""
        with self._lock, closing(store.connect(self._path)) as database:
            subscription = webhook_outbox.get_subscription(database)
            events = webhook_outbox.list_latest(database, count) if subscription.url else []
            for event in events:
                if self.deliverer.deliver(subscription, new_batch([event]), "reordered"):
                    webhook_outbox.mark_delivered(database, [event])
            self._batch = None
        return len(events)

    def _run(self) -> None:
        while not self._closing.is_set():
            wait = self._run_once()
            self._woken.wait(wait)
            self._woken.clear()

    def _run_once(self) -> float | None:
        """Send what is due; return the seconds until the next run, None to wait until woken."""
        with self._lock, closing(store.connect(self._path)) as database:
            subscription = webhook_outbox.get_subscription(database)
            if self.is_held or not subscription.url or self._closing.is_set():
                return None
            if subscription.status == webhook_outbox.UNVERIFIED:
                return self._verify_at_startup(database, subscription)
            if subscription.status != webhook_outbox.OK:
                return None
            return self._deliver_due(database, subscription)

    def _verify_at_startup(self, database: sqlite3.Connection, subscription: Subscription) -> float:
        """Verify a new subscription; return the wait before the next handshake with an app that did not answer."""
        self._verify(database, subscription)
        if self.handshake[-1].status != UNANSWERED:
            return 0
        webhook_outbox.set_status(database, subscription, webhook_outbox.UNVERIFIED)
        self._unanswered += 1
        return min(2.0**self._unanswered / 2, MAX_STARTUP_WAIT)

    def _verify(self, database: sqlite3.Connection, subscription: Subscription) -> None:
        self.handshake = self.deliverer.shake_hands(subscription)
        is_verified = not any(step.error for step in self.handshake)
        status = webhook_outbox.OK if is_verified else webhook_outbox.FAILED
        webhook_outbox.set_status(database, subscription, status)
        self._failures, self._due_at = 0, None

    def _deliver_due(self, database: sqlite3.Connection, subscription: Subscription) -> float | None:
        if self._due_at is None:
            if not webhook_outbox.count_pending(database):
                return None
            self._due_at = time.monotonic() + self._timing.batch_delay
        if (wait := self._due_at - time.monotonic()) > 0:
            return wait
        batch = self._batch or new_batch(webhook_outbox.list_pending(database))
        if self.deliverer.deliver(subscription, batch):
            webhook_outbox.mark_delivered(database, batch.events)
            self._batch, self._due_at, self._failures = None, None, 0
            return 0
        return self._schedule_retry(database, subscription, batch)

    def _schedule_retry(self, database: sqlite3.Connection, subscription: Subscription, batch: Batch) -> float | None:
        waits = self._timing.retry_waits
        if self._failures >= len(waits):
            webhook_outbox.set_status(database, subscription, webhook_outbox.DISABLED)
            self._batch, self._due_at, self._failures = None, None, 0
            return None
        wait = waits[self._failures]
        self._batch, self._due_at, self._failures = batch, time.monotonic() + wait, self._failures + 1
        return wait
