"""When an import cannot go on: until when it waits, and what the page says meanwhile.

A worker never waits. Outages are tried again with growing pauses, then the import fails in
words; a limit and a lost consent wait as long as they last. An answer that is not complete
is an outage as well, with words of its own.
"""

import random
from datetime import timedelta
from typing import Any, Final

from posxero.domain import backoff
from posxero.services.imports.errors import ImportFailed
from posxero.services.imports.lease import ImportLease
from posxero.xero.errors import ConsentLost, Incomplete, Limited, Refused, RetryLater, TemporarilyRefused, XeroError

LOOK: Final = timedelta(seconds=30)  # until we look whether Xero is connected again, or read its list again
LIMITED: Final = {
    "day": "Xero's daily limit has been reached.",
    "redis": "Xero's limits can't be checked right now.",
}
WAIT: Final = "Xero asked us to wait."
DISCONNECTED: Final = "Xero is disconnected. Reconnect to the same organisation to continue the import."
AWAY: Final = "Xero isn't responding."
GIVEN_UP: Final = "Xero couldn't be reached after {tries} tries. Start the import again later."
NOT_LET_IN: Final = (
    "Xero didn't give us access after {tries} tries. Reconnect to Xero in Settings, then start the import again."
)
REFUSED: Final = "Xero didn't send us the contacts. It says: {message} Start the import again once that is fixed."
INCOMPLETE: Final = "Xero's response was incomplete. Asking again."
LEFT_OUT: Final = (
    "Xero's list of contacts was incomplete {tries} times. No customer was added. "
    "Wait a while, then start the import again."
)
UNSETTLED: Final = "Xero's contacts changed while we were reading them. Reading them again."
NEVER_SETTLED: Final = (
    "Xero's contacts changed {times} times while we were reading them, so some may be missing. "
    "No customer was added. Start the import again when nobody is editing contacts in Xero."
)
MAX_RESTARTS: Final = 3  # of the walk
DEFECT: Final = "Something went wrong on our side. Trying again. Reference: {reference}."
BROKEN: Final = (
    "Something went wrong on our side {tries} times. Start the import again. "
    "If it happens again, give support this reference: {reference}."
)


def pause(lease: ImportLease, error: XeroError) -> None:
    """Release the import until a call to Xero may work again.

    Raises:
        Hopeless: No wait will help, or enough was waited.
    """
    if isinstance(error, Refused):
        raise ImportFailed(REFUSED.format(message=sentence(error.message)))
    if isinstance(error, Limited):
        _wait(lease, error.wait, LIMITED.get(error.why, WAIT))
    elif isinstance(error, ConsentLost):
        _wait(lease, LOOK, error.reason)
    elif isinstance(error, TemporarilyRefused):
        _try_again(lease, str(error), NOT_LET_IN, timedelta(0))
    elif isinstance(error, Incomplete):
        _try_again(lease, INCOMPLETE, LEFT_OUT, timedelta(0))
    else:
        wait = error.wait if isinstance(error, RetryLater) else None
        _try_again(lease, AWAY, GIVEN_UP, wait or timedelta(0))


def wait_for_connection(lease: ImportLease) -> None:
    """Release the import until somebody connects again."""
    _wait(lease, LOOK, DISCONNECTED)


def restart(lease: ImportLease) -> None:
    """Release the import; after a while its walk begins anew. What is stored is found again and not doubled.

    Raises:
        Hopeless: It began anew too often.
    """
    restarts = lease.run.restarts + 1
    if restarts > MAX_RESTARTS:
        raise ImportFailed(NEVER_SETTLED.format(times=restarts))
    _wait(lease, LOOK, UNSETTLED, restarts=restarts, page=0, page_count=0, since=None)


def after_defect(lease: ImportLease, reference: str) -> None:
    """Release the import after an error of our own.

    Raises:
        Hopeless: It happened too often.
    """
    _try_again(lease, DEFECT.format(reference=reference), BROKEN.replace("{reference}", reference), timedelta(0))


def sentence(text: str) -> str:
    """End a text with a full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _wait(lease: ImportLease, wait: timedelta, reason: str, **values: Any) -> None:
    lease.write()
    lease.let_go(paused_until=lease.clock() + wait, paused_reason=reason[:500], **values)


def _try_again(lease: ImportLease, reason: str, given_up: str, wait: timedelta) -> None:
    tries = lease.run.tries + 1
    if backoff.is_exhausted(tries):
        raise ImportFailed(given_up.format(tries=tries))
    pause_for = max(wait, backoff.retry_delay(tries, random.uniform(-1, 1)))  # noqa: S311 - spreads retries, no secret
    _wait(lease, pause_for, reason, tries=tries)
