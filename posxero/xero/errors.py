"""What can come of a call to Xero, other than its answer.

::

    XeroError
    ├── RetryLater          nobody said no: the same call may be made later; it uses up no try
    │   ├── Limited         our limit or Xero's (429); nothing was done; says how long to wait
    │   ├── Unreachable     the connection failed: nothing was sent
    │   └── Unavailable     Xero is down (5xx), or its answer cannot be read; a call that reads may be repeated
    │       ├── TemporarilyRefused  401 or 403, although /connections lists the organisation
    │       ├── TooSlow     the answer to a read did not come in time
    │       └── Incomplete  a page holds less than it says: ask for it again, and do not believe it
    ├── OutcomeUnknown      a write was sent, and no answer came, or one too large to be read: it may be done,
    │                       so look before sending again
    ├── Refused             Xero read it and said no (400); says why, per element where it can
    │   ├── Missing         nothing has this id (404)
    │   └── TooLarge        the request (413), or the answer to a read (32 MB), is too large: ask for less
    ├── CodeRefused         the code of a consent was used before, or ran out: begin the consent again
    ├── TokenExpired        the access token is no longer accepted: refresh once, then send again
    ├── AccessDenied        the token is good, but not for this organisation (403): ask /connections what that means
    └── ConsentLost         only the owner's new consent helps; says why in words

    VaultError              sealed tokens cannot be opened with our keys; not about a call
    └── WrongBusiness       they were sealed for another business than the one that asks

Texts never hold a token, a code or a secret.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posxero.xero.shapes import Contact


class XeroError(Exception):
    """A call to Xero did not end with its answer."""


class RetryLater(XeroError):
    """Nobody said no. `wait` is how long to leave Xero alone; None leaves it to the caller."""

    def __init__(self, message: str, *, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Limited(RetryLater):
    """A limit is reached, ours or Xero's. Nothing was done.

    `why` is ``minute``, ``concurrent``, ``day``, ``appminute``, or ``redis`` when the count cannot be asked.
    """

    wait: timedelta

    def __init__(self, why: str, wait: timedelta) -> None:
        super().__init__(f"limit reached: {why}, {wait.total_seconds():.1f} s", wait=wait)
        self.why = why


class Unreachable(RetryLater):
    """No connection to Xero could be made; nothing was sent."""


class Unavailable(RetryLater):
    """Xero answered that it cannot, or answered what nobody can read. `status` is HTTP's, 0 for the latter."""

    def __init__(self, message: str, *, wait: timedelta | None = None, status: int = 0) -> None:
        super().__init__(message, wait=wait)
        self.status = status


class TemporarilyRefused(Unavailable):
    """The Accounting API does not let us in, and /connections says that it should."""


class TooSlow(Unavailable):
    """The answer to a call that only reads did not come in time."""


class Incomplete(Unavailable):
    """A page was answered that holds fewer contacts than it says it has."""


class OutcomeUnknown(XeroError):
    """A call that writes: the request was sent, and the answer never came, or only a part of it, or too much."""


class Refused(XeroError):
    """Xero said no.

    Attributes:
        message: Xero's own words.
        elements: What it says about each contact; empty when it speaks of the request as a whole.
        raw: Its answer, shortened, for the owner to read.
    """

    def __init__(self, message: str, elements: Sequence["Contact"] = (), *, raw: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.elements = tuple(elements)
        self.raw = raw


class Missing(Refused):
    """Nothing in Xero has this id."""


class TooLarge(Refused):
    """The request, or the answer to a read, is larger than one call may be."""


class CodeRefused(XeroError):
    """The identity server does not take the code that the consent came back with."""


class TokenExpired(XeroError):
    """The access token is no longer accepted."""


class AccessDenied(XeroError):
    """Xero does not let the token into the organisation.

    Attributes:
        reason: What it means when /connections does not list the organisation, in words for the owner.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConsentLost(XeroError):
    """Xero no longer lets us in.

    Attributes:
        reason: Why, in words for the owner.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class VaultError(Exception):
    """Sealed text cannot be opened: another key, another grant, or damage."""


class WrongBusiness(VaultError):
    """Sealed tokens are those of another business."""
