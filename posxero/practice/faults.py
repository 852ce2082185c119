"""Faults that are injected into the next calls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from posxero.practice.fault_kinds import KINDS, MAX_FAULT_SECONDS, TRANSPORT_KINDS

ALLOWED_METHODS = frozenset({"", "GET", "POST", "PUT", "DELETE"})
CONNECTION_ENDS = frozenset({"drop", "hang"})


class UnknownFault(ValueError):
    """The kind of fault or an option of it is unknown."""


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
        """Return the seconds after which the connection is closed at the latest."""
        is_bound = self.seconds is not None and self.kind in TRANSPORT_KINDS
        return min(self.seconds or 0, MAX_FAULT_SECONDS) if is_bound else MAX_FAULT_SECONDS

    def matches(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Return whether the fault applies to this call."""
        kind = KINDS[self.kind]
        return (
            self.left > 0
            and path.startswith(self.path)
            and self.method in {"", method}
            and (not kind.methods or method in kind.methods)
            and (not kind.pages_only or ("page" in query and "IDs" not in query))
            and all(query.get(key) == value for key, value in self.query.items())
        )


def parse(kind: str, options: Mapping[str, Any]) -> Fault:
    """Return the fault of a kind with the given options, and the kind's defaults for the rest.

    Raises:
        UnknownFault: The kind or an argument is unknown, or a value can never be met.
    """
    if kind not in KINDS:
        raise UnknownFault(f"{kind} is none of {', '.join(KINDS)}")
    arguments = {"path": KINDS[kind].path, **KINDS[kind].defaults, **options}
    try:
        fault = Fault(kind, arguments.pop("count", 1), **arguments)
        fault.query = {key: str(value) for key, value in fault.query.items()}
        counts = (fault.left, fault.every, fault.bytes, fault.seconds or 0, fault.retry_after or 0, fault.elements or 0)
        is_negative = any(count < 0 for count in counts)
    except (AttributeError, TypeError) as error:
        raise UnknownFault(str(error)) from error
    if is_negative:
        raise UnknownFault("counts and seconds cannot be negative")
    if fault.method not in ALLOWED_METHODS or fault.connection not in CONNECTION_ENDS:
        raise UnknownFault(f"the method or connection of {kind} is unknown")
    if not KINDS[kind].can_apply_to(fault.method, fault.path):
        raise UnknownFault(f"no {fault.method} call to {fault.path} can meet {kind}")
    return fault


@dataclass
class Faults:
    """The pending faults, in the order in which they were added."""

    _pending: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> None:
        """Append a fault."""
        with self._lock:
            self._pending.append(fault)

    def claim(self, method: str, path: str, query: Mapping[str, str]) -> Fault | None:
        """Return the fault that applies to this call, and count it as used."""
        with self._lock:
            for fault in self._pending:
                if fault.matches(method, path, query):
                    fault.left -= 1
                    self._pending = [other for other in self._pending if other.left > 0]
                    return fault
        return None

    def clear(self) -> None:
        """Remove every pending fault."""
        with self._lock:
            self._pending = []

    def pending(self) -> list[dict[str, Any]]:
        """Return the pending faults, with the calls left for each."""
        with self._lock:
            return [asdict(fault) for fault in self._pending]
