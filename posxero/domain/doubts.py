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
class Doubt:
    """One request whose outcome is unknown.

    Attributes:
        values: What it carried, by field key; empty values are left out.
        checks: When to read Xero again, in order.
        creation: True when it creates a contact.
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
        """Read what `to_json` returned."""
        checks = tuple(datetime.fromisoformat(check) for check in kept["checks"])
        return cls(values=kept["values"], checks=checks, creation=kept["creation"])


def add_doubt(
    doubts: Iterable[Doubt],
    values: Mapping[str, str],
    *,
    now: datetime,
    check_after: Collection[timedelta],
    creation: bool = False,
) -> tuple[Doubt, ...]:
    """Return the doubts with one more; the same values again are checked at the later times."""
    new = Doubt(
        values={key: value for key, value in values.items() if value},
        checks=tuple(sorted(now + wait for wait in check_after)),
        creation=creation,
    )
    others = (doubt for doubt in doubts if (doubt.values, doubt.creation) != (new.values, new.creation))
    return (*others, new)


def after_check(doubts: Iterable[Doubt], *, now: datetime) -> tuple[Doubt, ...]:
    """Return the doubts that remain once Xero was read at `now`: a check that was due is done."""
    left = (replace(doubt, checks=tuple(check for check in doubt.checks if check > now)) for doubt in doubts)
    return tuple(doubt for doubt in left if doubt.checks)


def next_check(doubts: Iterable[Doubt]) -> datetime | None:
    """Return when Xero is to be read next; None when nothing is in doubt."""
    return min((check for doubt in doubts for check in doubt.checks), default=None)


def explain(doubts: Collection[Doubt], differing: Sequence[Difference]) -> bool:
    """Return whether a request in doubt wrote every value of Xero's that is not ours."""
    return all(
        any(values_equal(doubt.values.get(difference.key, ""), difference.theirs) for doubt in doubts)
        for difference in differing
    )
