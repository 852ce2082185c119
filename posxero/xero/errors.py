"""The errors of a call to Xero.

::

    XeroError
    ├── RetryLater          nothing was refused: the same call may be made later; it counts as no attempt
    │   ├── Limited         a limit of ours or Xero's (429); nothing was done; says how long to wait
    │   ├── Unreachable     the connection failed: nothing was sent
    │   └── Unavailable     Xero is down (5xx), or its response cannot be read; a call that reads may be repeated
    │       ├── TemporarilyRefused  401 or 403, although /connections lists the organisation
    │       ├── OrganisationOffline  Xero works, but not for this organisation; says so in words
    │       ├── TooSlow     the response to a read did not come in time
    │       └── Incomplete  a page holds less than it says: do not use it, read it again
    ├── OutcomeUnknown      a write was sent, and no response came, or one too large to be read: it may have been
    │                       done, so verify before sending again
    ├── Refused             Xero read the request and refused it (400); says why, per element where it can
    │   ├── Missing         nothing has this id (404)
    │   └── TooLarge        the request (413), or the response to a read (32 MB), is too large: ask for less
    ├── CodeRefused         the code of a consent was used before, or has expired: begin the consent again
    ├── TokenExpired        the access token is no longer accepted: refresh once, then send again
    ├── AccessDenied        the token is good, but not for this organisation (403): /connections says what that means
    └── ConsentLost         only a new consent by the owner helps; says why in words

    VaultError              encrypted tokens cannot be opened with our keys; not about a call
    └── WrongBusiness       they were sealed for another business than the one that asks

Messages never hold a token, a code or a secret.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posxero.xero.shapes import Contact


class XeroError(Exception):
    """The base of all errors of a call to Xero."""


class RetryLater(XeroError):
    """Nothing was refused. `wait` is how long to wait before the next call; None leaves it to the caller."""

    def __init__(self, message: str, *, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Limited(RetryLater):
    """A limit of ours or Xero's is reached. Nothing was done.

    `limit` is ``minute``, ``concurrent``, ``day``, ``appminute``, or ``redis`` when the count cannot be read.
    """

    wait: timedelta

    def __init__(self, limit: str, wait: timedelta) -> None:
        super().__init__(f"limit reached: {limit}, {wait.total_seconds():.1f} s", wait=wait)
        self.limit = limit


class Unreachable(RetryLater):
    """No connection to Xero could be made; nothing was sent."""


class Unavailable(RetryLater):
    """Xero is down, or its response cannot be read. `status` is that of HTTP, 0 for the latter."""

    def __init__(self, message: str, *, wait: timedelta | None = None, status: int = 0) -> None:
        super().__init__(message, wait=wait)
        self.status = status


class TemporarilyRefused(Unavailable):
    """The Accounting API refuses access, although /connections lists the organisation."""


class OrganisationOffline(Unavailable):
    """Xero has taken this organisation offline for a while."""


class TooSlow(Unavailable):
    """The response to a call that only reads did not come in time."""


class Incomplete(Unavailable):
    """A page holds fewer contacts than it says."""


class OutcomeUnknown(XeroError):
    """A request that writes was sent, and no response came, or only a part of it, or one that is too large."""


class Refused(XeroError):
    """Xero refused the request.

    Attributes:
        message: Xero's own words.
        elements: What it says about each contact; empty when it speaks of the request as a whole.
        raw: Its response, shortened, for the owner to read.
    """

    def __init__(self, message: str, elements: Sequence["Contact"] = (), *, raw: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.elements = tuple(elements)
        self.raw = raw


class Missing(Refused):
    """Nothing in Xero has this id."""


class TooLarge(Refused):
    """The request, or the response to a read, is too large for one call."""


class CodeRefused(XeroError):
    """The identity server does not accept the code of a consent."""


class TokenExpired(XeroError):
    """The access token is no longer accepted."""


class AccessDenied(XeroError):
    """The token has no access to the organisation.

    Attributes:
        reason: What that means where /connections does not list the organisation, in words for the owner.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConsentLost(XeroError):
    """Xero no longer gives access.

    Attributes:
        reason: Why, in words for the owner.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class VaultError(Exception):
    """Encrypted text cannot be opened: another key, another grant, or damage."""


class WrongBusiness(VaultError):
    """Encrypted tokens are those of another business."""
