"""The connections to Xero: a call ends by its deadline, whatever the server sends.

httpx2's time-outs begin anew with every read, so that a server which sends one byte a second holds a worker for as long
as it likes; and its readers see unpacked bytes only, so that empty compressed blocks and endless early hints are never
seen at all. Here every step on the socket (look-up, connect, TLS, write, read) gets the time that is left of the call,
and every byte that comes off it is counted.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from posxero.settings import Settings

WRITE_SIZE = 16384  # bytes a write, one record of TLS: each gets the time that is left


class AnswerTooLarge(Exception):
    """More bytes came than one answer may have."""


@dataclass(slots=True)
class CallBudget:
    """What is left to one call: time until `end` on the monotonic clock, and raw bytes, headers among them."""

    end: float
    bytes_left: int

    def timeout(self, step: float | None, expired: type[Exception]) -> float:
        """Return the seconds that a step may take, `step` at most.

        Raises:
            Exception: Of the kind `expired`; nothing is left.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise expired("the deadline of the call has passed")
        return left if step is None else min(step, left)

    def count(self, received: int) -> None:
        """Count raw bytes that were received.

        Raises:
            AnswerTooLarge: More than the call may receive.
        """
        self.bytes_left -= received
        if self.bytes_left < 0:
            raise AnswerTooLarge


_budget: ContextVar[CallBudget | None] = ContextVar("call_budget", default=None)


@contextmanager
def call_budget(seconds: float, max_bytes: int) -> Iterator[CallBudget]:
    """Bound the call that is made inside, by this thread, over connections that `open_http` made."""
    budget = CallBudget(time.monotonic() + seconds, max_bytes)
    token = _budget.set(budget)
    try:
        yield budget
    finally:
        _budget.reset(token)


def open_http(settings: Settings) -> httpx2.Client:
    """Open the pool of connections to Xero. No redirect is followed."""
    timings = settings.timings
    return httpx2.Client(
        transport=BoundedTransport(),
        mounts=_through_proxies({settings.xero.api_url, settings.xero.identity_url}),
        timeout=httpx2.Timeout(timings.read_timeout, connect=timings.connect_timeout),
        follow_redirects=False,
    )


class BoundedTransport(httpx2.HTTPTransport):
    """httpx2's own transport on sockets that know the budget of the call."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._pool._network_backend = BoundedBackend()  # noqa: SLF001 - httpx2 has no argument for httpcore2's


class BoundedBackend(httpcore2.NetworkBackend):
    """Opens sockets within the budget of the call."""

    def __init__(self) -> None:
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Look the host up and connect to the first of its addresses that answers, `timeout` seconds each."""
        failed: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in _addresses(host, port, _time_left(timeout, httpcore2.ConnectTimeout)):
            wait = _time_left(timeout, httpcore2.ConnectTimeout)
            try:
                return BoundedStream(self._inner.connect_tcp(address, port, wait, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed


class BoundedStream(httpcore2.NetworkStream):
    """One connection. Its time-outs are those of the call that uses it now; a pool hands it from call to call."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Receive what is there, and count it."""
        received = self._inner.read(max_bytes, _time_left(timeout, httpcore2.ReadTimeout))
        if (budget := _budget.get()) is not None:
            budget.count(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it, piece by piece."""
        for start in range(0, len(buffer), WRITE_SIZE):
            piece = buffer[start : start + WRITE_SIZE]
            self._inner.write(piece, _time_left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Make the connection a secure one. Python's handshake ends by its time-out, however it trickles."""
        wait = _time_left(timeout, httpcore2.ConnectTimeout)
        return BoundedStream(self._inner.start_tls(ssl_context, server_hostname, wait))

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the socket."""
        return self._inner.get_extra_info(info)


def _time_left(step: float | None, expired: type[Exception]) -> float | None:
    budget = _budget.get()
    return step if budget is None else budget.timeout(step, expired)


def _addresses(host: str, port: int, wait: float | None) -> list[str]:
    """Look a host up in a thread of its own, which the system's resolver may hold for longer than `wait` seconds."""
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put([str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=wait)
    except Empty:
        raise httpcore2.ConnectTimeout(f"{host} could not be looked up in time") from None
    if isinstance(found, Exception):
        raise httpcore2.ConnectError(str(found)) from found
    return found


def _through_proxies(bases: Iterable[str]) -> dict[str, httpx2.BaseTransport]:
    """Return the transports to those of our addresses for which the environment names a proxy (``HTTPS_PROXY``)."""
    proxies, mounts = getproxies(), dict[str, httpx2.BaseTransport]()
    for address in map(urlsplit, bases):
        proxy = proxies.get(address.scheme) or proxies.get("all")
        if proxy and not proxy_bypass(address.hostname or ""):
            mounts[f"{address.scheme}://{address.netloc}"] = BoundedTransport(proxy=proxy)
    return mounts
