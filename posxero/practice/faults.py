"""Faults on demand: what the next calls meet instead of a good answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from posxero.practice.fault_kinds import KINDS, LONGEST, TRANSPORT

METHODS = frozenset({"", "GET", "POST", "PUT", "DELETE"})
CONNECTIONS = frozenset({"drop", "hang"})


class UnknownFault(ValueError):
    """A fault was asked for that Practice Xero does not have."""


@dataclass
class Fault:
    """A fault for the next `left` calls that match `path` (a prefix), `method` (any: "") and `query`.

    Which of the other fields count, and their defaults, is said for each kind in the docstring of `control`.
    """

    kind: str
    left: int
    path: str
    method: str = ""
    query: dict[str, str] = field(default_factory=dict)
    retry_after: int | None = 5  # seconds; None leaves the header out
    problem: str = "minute"  # X-Rate-Limit-Problem of a 429
    detail: str = "AuthenticationUnsuccessful"  # Detail of a 401
    seconds: float | None = None
    every: float = 0.3  # seconds between two bytes, blocks or interim answers
    bytes: int = 40_000_000
    connection: str = "drop"
    elements: int | None = None
    contact_id: str = ""
    value: str = ""
    tenant: str = ""

    @property
    def is_unanswered(self) -> bool:
        """Return whether the caller never gets an answer."""
        return self.kind in {"drop_before", "drop_after", "late"} or (
            self.kind == "hang_after" and self.seconds is None
        )

    @property
    def duration(self) -> float:
        """Return the seconds after which the connection is ended at the latest."""
        is_bound = self.seconds is not None and self.kind in TRANSPORT
        return min(self.seconds or 0, LONGEST) if is_bound else LONGEST

    def meets(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Return whether this call is one of those that the fault waits for."""
        kind = KINDS[self.kind]
        return (
            self.left > 0
            and path.startswith(self.path)
            and self.method in {"", method}
            and (not kind.methods or method in kind.methods)
            and (not kind.pages_only or ("page" in query and "IDs" not in query))
            and all(query.get(key) == value for key, value in self.query.items())
        )


def parse(kind: str, asked: Mapping[str, Any]) -> Fault:
    """Return the fault of a kind with what was asked for, and the kind's defaults for the rest.

    Raises:
        UnknownFault: The kind or an argument is unknown, or a value can never be met.
    """
    if kind not in KINDS:
        raise UnknownFault(f"{kind} is none of {', '.join(KINDS)}")
    arguments = {"path": KINDS[kind].path, **KINDS[kind].defaults, **asked}
    try:
        fault = Fault(kind, arguments.pop("count", 1), **arguments)
        fault.query = {key: str(value) for key, value in fault.query.items()}
        counts = (fault.left, fault.every, fault.bytes, fault.seconds or 0, fault.retry_after or 0, fault.elements or 0)
        is_negative = any(count < 0 for count in counts)
    except (AttributeError, TypeError) as error:
        raise UnknownFault(str(error)) from error
    if is_negative:
        raise UnknownFault("counts and seconds cannot be negative")
    if fault.method not in METHODS or fault.connection not in CONNECTIONS:
        raise UnknownFault(f"the method or connection of {kind} is unknown")
    if not KINDS[kind].can_meet(fault.method, fault.path):
        raise UnknownFault(f"no {fault.method} call to {fault.path} can meet {kind}")
    return fault


@dataclass
class Faults:
    """The faults that wait, first come first met."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> None:
        """Let the next calls meet a fault, after those that wait already."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str, query: Mapping[str, str]) -> Fault | None:
        """Return the fault that this call meets, and count it as met."""
        with self._lock:
            for fault in self._waiting:
                if fault.meets(method, path, query):
                    fault.left -= 1
                    self._waiting = [other for other in self._waiting if other.left > 0]
                    return fault
        return None

    def clear(self) -> None:
        """Remove every fault that waits."""
        with self._lock:
            self._waiting = []

    def waiting(self) -> list[dict[str, Any]]:
        """Return the faults that wait, with the calls left for each."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
