"""The connections to Xero: a call ends by its deadline, whatever the server sends.

httpx2's time-outs start again with every read, so a server that sends one byte a second can hold a worker for as long
as it likes; and httpx2 shows unpacked bytes only, so empty compressed blocks and endless early hints are never seen.
Here every step on the socket (look-up, connect, TLS, write, read) gets the time that is left of the call, and every
byte that is received is counted.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from posxero.settings import Settings

Resolver = Callable[..., Iterable[Any]]  # with the signature of socket.getaddrinfo

WRITE_SIZE = 16384  # bytes a write, one TLS record: each gets the time that is left
_tls_context = cache(httpx2.create_ssl_context)  # loading the certificate authorities takes 40 ms


class ResponseTooLarge(Exception):
    """More bytes were received than a response may have."""


@dataclass(slots=True)
class CallBudget:
    """What is left of one call: the time until `end` on the monotonic clock, and raw bytes, headers included."""

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
        """Subtract raw bytes that were received.

        Raises:
            ResponseTooLarge: More than the call may receive.
        """
        self.bytes_left -= received
        if self.bytes_left < 0:
            raise ResponseTooLarge


_budget: ContextVar[CallBudget | None] = ContextVar("call_budget", default=None)


@contextmanager
def call_budget(seconds: float, max_bytes: int) -> Iterator[CallBudget]:
    """Bound the call that this thread makes inside, over connections of a `BoundedTransport`."""
    budget = CallBudget(time.monotonic() + seconds, max_bytes)
    token = _budget.set(budget)
    try:
        yield budget
    finally:
        _budget.reset(token)


def open_http(settings: Settings, *, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """Open the pool of connections to Xero. No redirect is followed.

    Args:
        settings: The time-outs, and the addresses that may be reached through a proxy of the environment.
        transport: What sends the requests, in place of connections to Xero and of every proxy.
    """
    timings = settings.timings
    return httpx2.Client(
        transport=transport or BoundedTransport(),
        mounts=None if transport else _proxy_transports({settings.xero.api_url, settings.xero.identity_url}),
        timeout=httpx2.Timeout(timings.read_timeout, connect=timings.connect_timeout),
        follow_redirects=False,
    )


class BoundedTransport(httpx2.HTTPTransport):
    """httpx2's own transport, on sockets that keep to the budget of the call."""

    def __init__(self, *, resolve: Resolver = socket.getaddrinfo, **options: Any) -> None:
        """Pass the options to httpx2; `resolve` looks hosts up."""
        super().__init__(**{"verify": _tls_context()} | options)
        self._pool._network_backend = BoundedBackend(resolve)  # noqa: SLF001 - httpx2 has no argument for httpcore2's


class BoundedBackend(httpcore2.NetworkBackend):
    """Opens sockets within the budget of the call."""

    def __init__(self, resolve: Resolver) -> None:
        self._inner = httpcore2.SyncBackend()
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Look the host up and connect to the first of its addresses that accepts, within `timeout` seconds each."""
        last_error: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in _addresses(self._resolve, host, port, _time_left(timeout, httpcore2.ConnectTimeout)):
            time_left = _time_left(timeout, httpcore2.ConnectTimeout)
            try:
                return BoundedStream(self._inner.connect_tcp(address, port, time_left, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last_error = error
        raise last_error


class BoundedStream(httpcore2.NetworkStream):
    """One connection. Its time-outs are those of the call that uses it now; the pool reuses it for other calls."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Receive bytes, and count them."""
        received = self._inner.read(max_bytes, _time_left(timeout, httpcore2.ReadTimeout))
        if (budget := _budget.get()) is not None:
            budget.count(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes, piece by piece."""
        for start in range(0, len(buffer), WRITE_SIZE):
            piece = buffer[start : start + WRITE_SIZE]
            self._inner.write(piece, _time_left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Start TLS. Python's handshake as a whole ends by its time-out, however slowly the bytes come."""
        time_left = _time_left(timeout, httpcore2.ConnectTimeout)
        return BoundedStream(self._inner.start_tls(ssl_context, server_hostname, time_left))

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the socket."""
        return self._inner.get_extra_info(info)


def _time_left(step: float | None, expired: type[Exception]) -> float | None:
    budget = _budget.get()
    return step if budget is None else budget.timeout(step, expired)


def _addresses(resolve: Resolver, host: str, port: int, timeout: float | None) -> list[str]:
    """Look a host up in a thread of its own, which the system's resolver may hold for longer than `timeout` seconds."""
    results: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            results.put([str(row[4][0]) for row in resolve(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            results.put(error)

    Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        result = results.get(timeout=timeout)
    except Empty:
        raise httpcore2.ConnectTimeout(f"{host} could not be looked up in time") from None
    if isinstance(result, Exception):
        raise httpcore2.ConnectError(str(result)) from result
    return result


def _proxy_transports(bases: Iterable[str]) -> dict[str, httpx2.BaseTransport]:
    """Return the transports for those addresses for which the environment names a proxy (``HTTPS_PROXY``)."""
    proxies, mounts = getproxies(), dict[str, httpx2.BaseTransport]()
    for address in map(urlsplit, bases):
        proxy = proxies.get(address.scheme) or proxies.get("all")
        if proxy and not proxy_bypass(address.hostname or ""):
            mounts[f"{address.scheme}://{address.netloc}"] = BoundedTransport(proxy=proxy)
    return mounts
