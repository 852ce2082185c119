"""Transport faults: answers dropped, withheld, dripped, endless, or far too large.

The work is done before; these faults write the answer to the caller's socket themselves. Each ends when the caller
hangs up, when the server ends, and after the fault's time.
"""

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Any

from posxero.practice.faults import Fault

FAULT_KEY = "practice.fault"  # key of the WSGI environment: the fault that the call met
POLL_SECONDS = 0.1  # how often to check whether the caller hung up or the server stops
PADDING_CHUNK = b" " * 65_536
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952, 2.3
EMPTY_DEFLATE_BLOCK = b"\x00\x00\x00\xff\xff"  # RFC 1951, 3.2.4: a stored block of no bytes, not the last one
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </static/practice.css>; rel=preload; as=style\r\n\r\n"


class ConnectionEnded(Exception):
    """The caller hung up, the server stops, or the fault has timed out."""


@dataclass
class BufferedAnswer:
    """The whole answer as the application made it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def head(self, *, sized: bool = True, **extra: str) -> bytes:
        """Return the status line and the header, with Content-Length only where the body is sent as it is."""
        kept = [(key, value) for key, value in self.headers if sized or key.lower() != "content-length"]
        added = [(key.replace("_", "-"), value) for key, value in extra.items()]
        lines = [f"{key}: {value}" for key, value in [*kept, *added, ("Connection", "close")]]
        return "\r\n".join([f"HTTP/1.1 {self.status}", *lines, "", ""]).encode("latin-1")


class CallerConnection:
    """The caller's socket, with a time at which it is ended. Every method raises ConnectionEnded."""

    def __init__(self, connection: socket.socket, closing: Event, seconds: float) -> None:
        """Wrap a socket; `closing` is set when the server stops."""
        connection.settimeout(POLL_SECONDS)
        self._connection, self._closing, self._end = connection, closing, time.monotonic() + seconds
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def send(self, raw: bytes) -> None:
        """Send all bytes, however slowly the caller reads."""
        rest = memoryview(raw)
        while rest:
            self._check()
            with suppress(TimeoutError):  # the caller does not read: look again whether it is still there
                rest = rest[self._connection.send(rest) :]

    def pause(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._closing.wait(min(left, POLL_SECONDS))
            self._check()

    def _check(self) -> None:
        has_hung_up = bool(self._poll.poll(0)) and not self._connection.recv(1, socket.MSG_PEEK)
        if has_hung_up or self._closing.is_set() or time.monotonic() >= self._end:
            raise ConnectionEnded


class FaultyTransport:
    """WSGI middleware that sends an answer as the fault of its call asks.

    Afterwards the server is told that the caller went away; it would otherwise send the answer once more.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], closing: Event) -> None:
        """Wrap the application; `closing` is set when the server stops."""
        self._application, self._closing = application, closing

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a call."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            started.append((status, headers))
            return start_response(status, headers, *error)

        answer = self._application(environ, start)
        fault: Fault | None = environ.get(FAULT_KEY)
        if fault is None or fault.kind not in SENDERS:
            return answer
        connection: socket.socket | None = environ.get("werkzeug.socket")
        if connection is not None:
            with suppress(OSError, ConnectionEnded):  # the caller went away, which is the end of the fault
                wire = CallerConnection(connection, self._closing, fault.duration)
                SENDERS[fault.kind](wire, BufferedAnswer(*started[-1], b"".join(answer)), fault)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("a fault ended the connection")


def _drop(_wire: CallerConnection, _reply: BufferedAnswer, _fault: Fault) -> None:
    """Send nothing."""


def _late(wire: CallerConnection, _reply: BufferedAnswer, fault: Fault) -> None:
    if fault.connection == "hang":
        _wait_forever(wire)


def _hang(wire: CallerConnection, reply: BufferedAnswer, fault: Fault) -> None:
    if fault.seconds is None:
        _wait_forever(wire)
    wire.pause(fault.seconds or 0)
    wire.send(reply.head() + reply.body)


def _wait_forever(wire: CallerConnection) -> None:
    while True:
        wire.pause(1)


def _drip_header(wire: CallerConnection, reply: BufferedAnswer, fault: Fault) -> None:
    _drip(wire, reply.head(), fault.every)
    wire.send(reply.body)


def _drip_body(wire: CallerConnection, reply: BufferedAnswer, fault: Fault) -> None:
    wire.send(reply.head())
    _drip(wire, reply.body, fault.every)


def _drip(wire: CallerConnection, raw: bytes, every: float) -> None:
    for at in range(len(raw)):
        wire.send(raw[at : at + 1])
        wire.pause(every)


def _empty_gzip(wire: CallerConnection, reply: BufferedAnswer, fault: Fault) -> None:
    wire.send(reply.head(sized=False, Content_Encoding="gzip", Transfer_Encoding="chunked"))
    wire.send(_chunk(GZIP_HEADER))
    while True:
        wire.send(_chunk(EMPTY_DEFLATE_BLOCK * 20))
        wire.pause(max(fault.every, 0.01))


def _early_hints(wire: CallerConnection, _reply: BufferedAnswer, fault: Fault) -> None:
    while True:
        wire.send(EARLY_HINTS)
        wire.pause(max(fault.every, 0.01))


def _huge(wire: CallerConnection, reply: BufferedAnswer, fault: Fault) -> None:
    wire.send(reply.head(sized=False, Transfer_Encoding="chunked"))
    wire.send(_chunk(reply.body))
    for piece in _padding(fault.bytes - len(reply.body)):
        wire.send(_chunk(piece))
    wire.send(b"0\r\n\r\n")


def _padding(size: int) -> Iterator[bytes]:
    """Yield spaces, which JSON allows after its value."""
    while size > 0:
        yield PADDING_CHUNK[:size]
        size -= len(PADDING_CHUNK)


def _chunk(raw: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(raw), raw) if raw else b""


SENDERS: dict[str, Callable[[CallerConnection, BufferedAnswer, Fault], None]] = {
    "drop_before": _drop,
    "drop_after": _drop,
    "late": _late,
    "hang_after": _hang,
    "header_drip": _drip_header,
    "body_drip": _drip_body,
    "empty_gzip": _empty_gzip,
    "early_hints": _early_hints,
    "huge": _huge,
}
