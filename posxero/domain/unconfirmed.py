"""Requests whose outcome is unknown: what they may still write, and when to check Xero for it again.

Xero may carry out a request long after we stopped waiting for its answer, even after a newer
request that it answered. So the values of such a request are kept, and Xero is read again for them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from posxero.domain.diff import Difference
from posxero.domain.text import values_equal


@dataclass(frozen=True, slots=True)
class UnconfirmedRequest:
    """One request whose outcome is unknown.

    Attributes:
        values: What it carried, by field key; empty values are left out.
        checks: When to read Xero again, in order.
        creation: True when it creates the item.
    """

    values: Mapping[str, str]
    checks: tuple[datetime, ...]
    creation: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return a mapping that JSON can hold."""
        return {
            "values": dict(self.values),
            "checks": [check.isoformat() for check in self.checks],
            "creation": self.creation,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Load what `to_json` returned."""
        checks = tuple(datetime.fromisoformat(check) for check in kept["checks"])
        return cls(values=kept["values"], checks=checks, creation=kept["creation"])


def add_request(
    requests: Iterable[UnconfirmedRequest],
    values: Mapping[str, str],
    *,
    now: datetime,
    check_after: Collection[timedelta],
    creation: bool = False,
) -> tuple[UnconfirmedRequest, ...]:
    """Return the requests with one more; the same values sent again are checked at the later times."""
    new = UnconfirmedRequest(
        values={key: value for key, value in values.items() if value},
        checks=tuple(sorted(now + wait for wait in check_after)),
        creation=creation,
    )
    others = (request for request in requests if (request.values, request.creation) != (new.values, new.creation))
    return (*others, new)


def drop_done_checks(requests: Iterable[UnconfirmedRequest], *, now: datetime) -> tuple[UnconfirmedRequest, ...]:
    """Return the requests that are left to check once Xero was read at `now`, which does every check that was due."""
    left = (replace(request, checks=tuple(check for check in request.checks if check > now)) for request in requests)
    return tuple(request for request in left if request.checks)


def next_check(requests: Iterable[UnconfirmedRequest]) -> datetime | None:
    """Return when Xero is to be read next; None when every request is confirmed."""
    return min((check for request in requests for check in request.checks), default=None)


def explains_all(requests: Collection[UnconfirmedRequest], differing: Sequence[Difference]) -> bool:
    """Return whether unconfirmed requests wrote every value of Xero's that is not ours."""
    return all(
        any(values_equal(request.values.get(difference.key, ""), difference.theirs) for request in requests)
        for difference in differing
    )
