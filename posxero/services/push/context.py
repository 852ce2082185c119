"""What every step of a push needs: the claim, the session, and the calls to Xero while the lease lasts."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.queue import JobQueue
from posxero.services.push import settle
from posxero.services.push.claims import Claim
from posxero.services.push.creation import Creation
from posxero.services.push.debt import Debt
from posxero.services.push.due import Priority
from posxero.services.xero_connection import grants
from posxero.xero.client import XeroClient
from posxero.xero.errors import RetryLater
from posxero.xero.ports import XeroPorts

T = TypeVar("T")


class PushPorts(XeroPorts, Protocol):
    """What a push needs from outside."""

    @property
    def jobs(self) -> JobQueue:
        """The hints to the workers."""


class OutOfTime(RetryLater):
    """The lease ends too soon for another call: nothing was sent, and the debts are let go."""


def _chance() -> float:
    return random.uniform(-1, 1)  # noqa: S311 - spreads waits; no secret


@dataclass(frozen=True, slots=True)
class PushContext:
    """A session without a transaction, a claim, and the ports: what every step of a push needs."""

    session: Session
    claim: Claim
    ports: PushPorts
    chance: Callable[[], float] = _chance  # -1 to 1, so that many shops do not come back at once

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

        def timely(client: XeroClient) -> T:
            if not self.claim.in_time:
                raise OutOfTime("too little of the lease is left")
            return use(client)

        reserve = self.claim.priority is not Priority.PERSON
        return grants.call(self.session, self.claim.connection, self.ports, timely, now=self.now(), reserve=reserve)

    def mark_unknown(self, debts: Sequence[Debt], creation: Creation | None = None) -> None:
        """Note that a request about these debts was sent and its outcome is unknown; commits."""
        timings, now = self.ports.settings.timings, self.now()
        settle.mark_unknown(self.session, self.claim, debts, timings, now=now, creation=creation)
