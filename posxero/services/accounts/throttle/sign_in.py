"""Which gates an attempt to sign in must find open.

Each attempt counts as a failure until it turns out right. An account that is guessed at from
many addresses is not closed, because that would lock its owner out: each address that is new
to it has a smaller allowance meanwhile, and a device that signed in before has its own.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from posxero.domain.ip_addresses import network_of
from posxero.services.accounts.throttle.counters import Counters
from posxero.services.accounts.throttle.gates import Gate, counter

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MANY_FAILURES = 10  # of an account, by unknown devices: then it is under attack, and the owner is told
ROWS_MAX = 20  # failures of an account that are recorded one by one; afterwards one a minute
ACCOUNT_DRAIN = timedelta(minutes=5)
RECORD_EVERY, ALERT_EVERY = MINUTE, HOUR


class TooManyTries(Exception):
    """The password was not looked at: there were too many wrong ones. `wait` says for how long."""

    def __init__(self, wait: timedelta, *, of_address: bool, record: bool) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait
        self.of_address = of_address  # by failures on any accounts
        self.record = record  # the security log has no such event of this minute


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who wants to sign in as whom. A new password of the account makes its counts void."""

    email: str
    password_hash: str = ""  # "" for nobody's email
    address: str = ""
    device: str = ""  # the id of a device that signed in to this account before; "" for an unknown one


@dataclass(frozen=True, slots=True)
class Admission:
    """An attempt that was let through and counts as a failure until `SignInThrottle.succeed`."""

    own: tuple[str, ...]  # gates of this account and this address or device
    shared: tuple[str, ...]  # gates that others use too
    failures: int
    alert: bool  # the owner should be told of many failures
    record: bool  # the security log should have a row of this failure


class SignInThrottle:
    """The throttle of a server's sign-in page, over all its processes."""

    def __init__(self, counters: Counters, secret_key: str) -> None:
        self._counters = counters
        self._secret_key = secret_key.encode()

    def admit(self, attempt: Attempt, now: datetime) -> Admission:
        """Let an attempt through, and count it.

        Raises:
            TooManyTries: A gate is closed; nothing was counted.
        """
        account = self._key("account", attempt.email, attempt.password_hash)
        own, shared = self._gates(attempt, account, now)
        passage = self._counters.reserve([own, *shared], now)
        if passage.closed:
            record = self._once(f"refused:{passage.closed}", 15 * MINUTE, now) and self._once(
                f"refused:{account}", RECORD_EVERY, now
            )
            raise TooManyTries(passage.wait, of_address=passage.closed not in {own.key, account}, record=record)
        failures = passage.failures.get(account, passage.failures[own.key])
        return Admission(
            own=(own.key,),
            shared=tuple(gate.key for gate in shared),
            failures=failures,
            alert=failures >= MANY_FAILURES and bool(shared) and self._once(f"alert:{account}", ALERT_EVERY, now),
            record=failures <= ROWS_MAX or self._once(f"failed:{account}", RECORD_EVERY, now),
        )

    def admit_again(self, attempt: Attempt, now: datetime) -> Admission:
        """Let a signed-in person prove the password once more; this has a gate of its own.

        Raises:
            TooManyTries: The gate is closed; nothing was counted.
        """
        key = self._key("again", attempt.email, attempt.password_hash)
        passage = self._counters.reserve([Gate(key, 5, MINUTE, 15 * MINUTE, HOUR)], now)
        if passage.closed:
            record = self._once(f"refused:{key}", 15 * MINUTE, now)
            raise TooManyTries(passage.wait, of_address=False, record=record)
        return Admission((key,), (), passage.failures[key], alert=False, record=True)

    def admit_invited(self, address: str, now: datetime) -> Admission:
        """Let a person who was invited choose an email and a password: each try hashes, and asks whether it is taken.

        Raises:
            TooManyTries: The gate of the address is closed; nothing was counted.
        """
        key = self._key("invited", network_of(address))
        passage = self._counters.reserve([Gate(key, 20, MINUTE, 15 * MINUTE, MINUTE)], now)
        if passage.closed:
            raise TooManyTries(passage.wait, of_address=True, record=False)
        return Admission((key,), (), passage.failures[key], alert=False, record=False)

    def succeed(self, admission: Admission) -> None:
        """Take an attempt back that turned out right. What others did stays counted."""
        self._counters.clear(admission.own)
        if admission.shared:
            self._counters.forgive(admission.shared)

    def name_account(self, email: str) -> str:
        """Return what stands for an email in the log: the same each time, and not the email."""
        return self._key("name", email)[:12]

    def _gates(self, attempt: Attempt, account: str, now: datetime) -> tuple[Gate, list[Gate]]:
        """Return the gate of the pair of account and device or address, and those that others share."""
        if attempt.device:
            return Gate(self._key(account, "device", attempt.device), 10, MINUTE, 15 * MINUTE, HOUR), []
        network = network_of(attempt.address)
        pair = self._key(account, "address", network)
        everybody = counter(account, drain=ACCOUNT_DRAIN)
        if self._counters.level(everybody, now) > MANY_FAILURES - 1:
            own = Gate(pair, 2, 15 * MINUTE, DAY, 6 * HOUR)
        else:
            own = Gate(pair, 5, MINUTE, HOUR, HOUR)
        return own, [Gate(self._key("address", network), 30, MINUTE, 15 * MINUTE, 2 * MINUTE), everybody]

    def _once(self, key: str, within: timedelta, now: datetime) -> bool:
        return self._counters.first(key, within, now)

    def _key(self, *parts: str) -> str:
        """Return a key that tells a reader of Redis neither emails nor addresses."""
        return hmac.digest(self._secret_key, "\0".join(parts).encode(), "sha256").hex()[:32]
