"""What every step of a push needs: the claim, the session, and the calls to Xero while the lease lasts."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.queue import JobQueue
from posxero.services.push import settle
from posxero.services.push.claims import Claim
from posxero.services.push.due import Priority
from posxero.services.push.items import Creation, PushItem
from posxero.services.push.kinds.kind import PushKind
from posxero.services.push.outcomes import Outcome, parked, snoozed
from posxero.services.xero_connection import access
from posxero.xero.client import XeroClient
from posxero.xero.errors import RetryLater
from posxero.xero.ports import XeroPorts

T = TypeVar("T")


class PushPorts(XeroPorts, Protocol):
    """What a push needs from outside."""

    @property
    def jobs(self) -> JobQueue:
        """The queues of the workers."""


class OutOfTime(RetryLater):
    """The lease ends too soon for another call: nothing was sent, and the items are released."""


def _jitter() -> float:
    return random.uniform(-1, 1)  # noqa: S311 - spreads waits; no secret


@dataclass(frozen=True, slots=True)
class PushContext:
    """A session without a transaction, a claim, and the ports: what every step of a push needs."""

    session: Session
    claim: Claim
    ports: PushPorts
    jitter: Callable[[], float] = _jitter  # -1 to 1, so that many shops do not come back at once

    @property
    def kind(self) -> PushKind[Any, Any]:
        """The kind of the claimed items."""
        return self.claim.kind

    def now(self) -> datetime:
        """Read the database's clock; ends the transaction that this began."""
        now = database_time(self.session)
        self.session.commit()
        return now

    def call(self, use: Callable[[XeroClient], T]) -> T:
        """Let `use` make its one call.

        Raises:
            OutOfTime: Too little of the lease is left.
            XeroError: What the call raised.
        """

        def guarded(client: XeroClient) -> T:
            if not self.claim.may_call:
                raise OutOfTime("too little of the lease is left")
            return use(client)

        is_background = self.claim.priority is not Priority.PERSON
        return access.call(
            self.session,
            self.claim.connection,
            self.ports,
            guarded,
            now=self.now(),
            is_background=is_background,
        )

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write outcomes, each only while its lease is still ours; commits."""
        settle.settle(self.session, self.claim, outcomes, now=self.now())

    def mark_unknown(
        self, items: Sequence[PushItem], creation: Creation | None = None, *, may_be_sent: bool = False
    ) -> None:
        """Note that a request about these items was sent, or may have been, and its outcome is unknown; commits."""
        timings, now = self.ports.settings.timings, self.now()
        settle.mark_unknown(
            self.session, self.claim, items, timings, now=now, creation=creation, may_be_sent=may_be_sent
        )

    def mark_verify_due(self, items: Sequence[PushItem]) -> None:
        """Verify these items before anything else is sent; commits. Nothing is in flight: Xero answered."""
        settle.mark_verify_due(self.session, self.claim, items)

    def snoozed(self, item: PushItem, reason: str, *, raw: str = "", verify: bool = False) -> Outcome:
        """Build the outcome of an item that Xero could not take now."""
        return snoozed(item, reason, now=self.now(), jitter=self.jitter(), raw=raw, verify=verify)

    def not_written(self, item: PushItem, remote: Any) -> Outcome:
        """Return what an item comes to that Xero's answer says was not written."""
        complaints, raw = self.kind.complaints_of(remote), self.kind.raw_of(remote)
        if complaints:
            return parked(item, self.kind.explain(item, complaints), raw=raw)
        return self.snoozed(item, self.kind.words.no_reason, raw=raw)
