"""Answers that are sent badly: dropped, withheld, byte by byte, without end, or far too large.

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

FAULT = "practice.fault"  # key of the WSGI environment: the fault that the call met
LOOK_EVERY = 0.1  # seconds between two looks at whether the caller or the server has ended
PIECE = b" " * 65_536
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952, 2.3
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"  # RFC 1951, 3.2.4: a stored block of no bytes, not the last one
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </static/practice.css>; rel=preload; as=style\r\n\r\n"


class Ended(Exception):
    """The caller hung up, the server ends, or the fault's time is over."""


@dataclass
class Reply:
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


class Wire:
    """The caller's socket, with a time at which it is ended. Every method raises Ended."""

    def __init__(self, connection: socket.socket, closing: Event, seconds: float) -> None:
        """Take the socket; `closing` is set when the server ends."""
        connection.settimeout(LOOK_EVERY)
        self._connection, self._closing, self._end = connection, closing, time.monotonic() + seconds
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def send(self, raw: bytes) -> None:
        """Send all of it, however slowly the caller reads."""
        rest = memoryview(raw)
        while rest:
            self._check()
            with suppress(TimeoutError):  # the caller does not read: look again whether it is still there
                rest = rest[self._connection.send(rest) :]

    def pause(self, seconds: float) -> None:
        """Wait."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._closing.wait(min(left, LOOK_EVERY))
            self._check()

    def _check(self) -> None:
        has_hung_up = bool(self._poll.poll(0)) and not self._connection.recv(1, socket.MSG_PEEK)
        if has_hung_up or self._closing.is_set() or time.monotonic() >= self._end:
            raise Ended


class FaultyTransport:
    """WSGI middleware that sends an answer as the fault of its call asks.

    Afterwards the server is told that the caller went away; it would otherwise send the answer once more.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], closing: Event) -> None:
        """Wrap the application; `closing` is set when the server ends."""
        self._application, self._closing = application, closing

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a call."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            started.append((status, headers))
            return start_response(status, headers, *error)

        answer = self._application(environ, start)
        fault: Fault | None = environ.get(FAULT)
        if fault is None or fault.kind not in SENDERS:
            return answer
        connection: socket.socket | None = environ.get("werkzeug.socket")
        if connection is not None:
            with suppress(OSError, Ended):  # the caller went away, which is the end of the fault
                wire = Wire(connection, self._closing, fault.duration)
                SENDERS[fault.kind](wire, Reply(*started[-1], b"".join(answer)), fault)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("a fault ended the connection")


def _drop(_wire: Wire, _reply: Reply, _fault: Fault) -> None:
    """Send nothing."""


def _late(wire: Wire, _reply: Reply, fault: Fault) -> None:
    if fault.connection == "hang":
        _never(wire)


def _hang(wire: Wire, reply: Reply, fault: Fault) -> None:
    if fault.seconds is None:
        _never(wire)
    wire.pause(fault.seconds or 0)
    wire.send(reply.head() + reply.body)


def _never(wire: Wire) -> None:
    while True:
        wire.pause(1)


def _drip_header(wire: Wire, reply: Reply, fault: Fault) -> None:
    _drip(wire, reply.head(), fault.every)
    wire.send(reply.body)


def _drip_body(wire: Wire, reply: Reply, fault: Fault) -> None:
    wire.send(reply.head())
    _drip(wire, reply.body, fault.every)


def _drip(wire: Wire, raw: bytes, every: float) -> None:
    for at in range(len(raw)):
        wire.send(raw[at : at + 1])
        wire.pause(every)


def _empty_gzip(wire: Wire, reply: Reply, fault: Fault) -> None:
    wire.send(reply.head(sized=False, Content_Encoding="gzip", Transfer_Encoding="chunked"))
    wire.send(_chunk(GZIP_HEADER))
    while True:
        wire.send(_chunk(EMPTY_BLOCK * 20))
        wire.pause(max(fault.every, 0.01))


def _early_hints(wire: Wire, _reply: Reply, fault: Fault) -> None:
    while True:
        wire.send(EARLY_HINTS)
        wire.pause(max(fault.every, 0.01))


def _huge(wire: Wire, reply: Reply, fault: Fault) -> None:
    wire.send(reply.head(sized=False, Transfer_Encoding="chunked"))
    wire.send(_chunk(reply.body))
    for piece in _padding(fault.bytes - len(reply.body)):
        wire.send(_chunk(piece))
    wire.send(b"0\r\n\r\n")


def _padding(size: int) -> Iterator[bytes]:
    """Return spaces, which JSON allows after its value: who reads the whole answer can parse it."""
    while size > 0:
        yield PIECE[:size]
        size -= len(PIECE)


def _chunk(raw: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(raw), raw) if raw else b""


SENDERS: dict[str, Callable[[Wire, Reply, Fault], None]] = {
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
