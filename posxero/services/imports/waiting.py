"""When an import cannot continue: until when it waits, and what the page says meanwhile.

A worker never waits. Outages are tried again with growing pauses, then the import fails in
words; a limit and a lost consent wait as long as they last. An answer that is not complete
is an outage as well, with words of its own.
"""

import random
from datetime import timedelta
from typing import Any, Final

from posxero.domain import backoff
from posxero.services import wait_reasons
from posxero.services.imports.errors import ImportFailed
from posxero.services.imports.lease import ImportLease
from posxero.xero.errors import ConsentLost, Incomplete, Limited, Refused, RetryLater, TemporarilyRefused, XeroError

RETRY_INTERVAL: Final = timedelta(seconds=30)  # until we see whether Xero is connected, or read its list, again
UNREACHABLE: Final = "Xero couldn't be reached after {tries} tries. Start the import again later."
ACCESS_REFUSED: Final = (
    "Xero didn't give us access after {tries} tries. Reconnect to Xero in Settings, then start the import again."
)
REQUEST_REFUSED: Final = (
    "Xero didn't send us the contacts. It says: {message} Start the import again once that is fixed."
)
INCOMPLETE: Final = (
    "Xero's list of contacts was incomplete {tries} times. Nothing was added. "
    "Wait a while, then start the import again."
)
KEPT_CHANGING: Final = (
    "Xero's contacts changed {times} times while we were reading them, so some may be missing. "
    "No customer was added. Start the import again when nobody is editing contacts in Xero."
)
LIMITS_WITH_REASON: Final = frozenset({"day", "redis"})
MAX_RESTARTS: Final = 3  # of the walk
OWN_DEFECT: Final = (
    "Something went wrong on our side {tries} times. Start the import again. "
    "If it happens again, give support this reference: {reference}."
)


def wait_for_xero(lease: ImportLease, error: XeroError) -> None:
    """Release the import until a call to Xero may work again.

    Raises:
        ImportFailed: No wait will help, or enough was waited.
    """
    if isinstance(error, Refused):
        raise ImportFailed(REQUEST_REFUSED.format(message=with_full_stop(error.message)))
    if isinstance(error, Limited):
        _wait(lease, error.wait, _limit_reason(error))
    elif isinstance(error, ConsentLost):
        _wait(lease, RETRY_INTERVAL, error.reason)
    elif isinstance(error, TemporarilyRefused):
        _try_again(lease, str(error), ACCESS_REFUSED, timedelta(0))
    elif isinstance(error, Incomplete):
        _try_again(lease, wait_reasons.INCOMPLETE_ANSWER, INCOMPLETE, timedelta(0))
    else:
        wait = error.wait if isinstance(error, RetryLater) else None
        _try_again(lease, wait_reasons.outage_reason(error), UNREACHABLE, wait or timedelta(0))


def wait_for_connection(lease: ImportLease) -> None:
    """Release the import until somebody connects again."""
    _wait(lease, RETRY_INTERVAL, wait_reasons.DISCONNECTED)


def restart_walk(lease: ImportLease) -> None:
    """Release the import; after a while its walk starts over. What is stored is found again and not duplicated.

    Raises:
        ImportFailed: It started over too often.
    """
    restarts = lease.run.restarts + 1
    if restarts > MAX_RESTARTS:
        raise ImportFailed(KEPT_CHANGING.format(times=restarts))
    _wait(lease, RETRY_INTERVAL, wait_reasons.CONTACTS_CHANGED, restarts=restarts, page=0, page_count=0, since=None)


def wait_after_defect(lease: ImportLease, reference: str) -> None:
    """Release the import after an error of our own.

    Raises:
        ImportFailed: It happened too often.
    """
    _try_again(
        lease,
        wait_reasons.OWN_DEFECT.format(reference=reference),
        OWN_DEFECT.replace("{reference}", reference),
        timedelta(0),
    )


def with_full_stop(text: str) -> str:
    """End a text with a full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _limit_reason(error: Limited) -> str:
    """Return which limit holds for long; the others are over before anybody reads of them."""
    return wait_reasons.limit_reason(error) if error.limit in LIMITS_WITH_REASON else wait_reasons.ASKED_TO_WAIT


def _wait(lease: ImportLease, wait: timedelta, reason: str, **values: Any) -> None:
    now = lease.clock()
    lease.release(paused_at=now, paused_until=now + wait, paused_reason=reason[:500], **values)


def _try_again(lease: ImportLease, reason: str, failure: str, wait: timedelta) -> None:
    tries = lease.run.tries + 1
    if backoff.is_exhausted(tries):
        raise ImportFailed(failure.format(tries=tries))
    pause_for = max(wait, backoff.retry_delay(tries, random.uniform(-1, 1)))  # noqa: S311 - spreads retries, no secret
    _wait(lease, pause_for, reason, tries=tries)
