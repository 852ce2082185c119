"""Trouble on demand: what the next calls will meet instead of a good answer."""

from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

KINDS = {
    "429": "Answer 429, too many requests",
    "500": "Answer 500, an error of Xero's own",
    "503": "Answer 503, offline for maintenance",
    "drop_before": "Drop the connection before doing the work",
    "drop_after": "Do the work, then drop the connection without an answer",
    "slow": "Take 5 seconds, then answer",
}
EVERY_API_CALL = "/api.xro/"


class UnknownFault(ValueError):
    """A fault was asked for that Practice Xero does not have."""


@dataclass
class Fault:
    """Trouble for the next `left` calls whose path starts with `path` and whose method is `method` (any: "")."""

    kind: str
    left: int = 1
    retry_after: int | None = 5  # seconds; sent with 429, None leaves the header out
    problem: str = "minute"  # X-Rate-Limit-Problem of a 429
    seconds: float = 5.0  # how long "slow" takes
    path: str = EVERY_API_CALL
    method: str = ""

    def __post_init__(self) -> None:
        """Refuse what would never fire.

        Raises:
            UnknownFault: The kind is not one of KINDS, or a number is negative.
        """
        if self.kind not in KINDS:
            message = f"{self.kind} is none of {', '.join(KINDS)}"
            raise UnknownFault(message)
        if self.left < 0 or self.seconds < 0 or (self.retry_after or 0) < 0:
            message = "counts and seconds cannot be negative"
            raise UnknownFault(message)

    def meets(self, method: str, path: str) -> bool:
        """Say whether this call is one of those that the fault waits for."""
        return self.left > 0 and path.startswith(self.path) and self.method in {"", method}


@dataclass
class Faults:
    """The faults that wait, first come first met."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> None:
        """Let the next calls meet a fault, after those that wait already."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Give the fault that this call meets, and count it as met."""
        with self._lock:
            for fault in self._waiting:
                if fault.meets(method, path):
                    fault.left -= 1
                    self._waiting = [other for other in self._waiting if other.left > 0]
                    return fault
        return None

    def clear(self) -> None:
        """Let every call be answered well again."""
        with self._lock:
            self._waiting = []

    def waiting(self) -> list[dict[str, Any]]:
        """Give the faults that wait, with the calls left for each."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
