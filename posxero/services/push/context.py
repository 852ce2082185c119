"""The way to Xero for one claim: nothing is sent when too little of the lease is left."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.queue import Hints
from posxero.services import grants
from posxero.services.push.claims import Claim
from posxero.xero.client import XeroClient
from posxero.xero.errors import RetryLater
from posxero.xero.ports import XeroPorts

T = TypeVar("T")


class PushPorts(XeroPorts, Protocol):
    """What a push needs from outside."""

    @property
    def queue(self) -> Hints:
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

        return grants.call(self.session, self.claim.connection, self.ports, timely, now=self.now())
