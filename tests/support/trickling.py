"""A server that never comes to the end of its answers."""

from __future__ import annotations

import contextlib
import socket
import zlib
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

PAUSE = 0.02  # seconds between two pieces: far less than any time-out of a read
TIMEOUT = 8.0  # seconds after which the server gives up, so that a test that fails ends


def empty_gzip_blocks() -> Iterator[bytes]:
    """Compressed data that unpacks to nothing."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    yield b""
    yield b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield _chunk(packer.compress(b"") + packer.flush(zlib.Z_SYNC_FLUSH))
    while True:
        yield _chunk(b"\x00\x00\x00\xff\xff" * 20)


def header_byte_by_byte() -> Iterator[bytes]:
    yield b""
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    while True:
        yield b"a"


def early_hints() -> Iterator[bytes]:
    yield b""
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


def body_byte_by_byte() -> Iterator[bytes]:
    yield b""
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    while True:
        yield b" "


WAYS = (empty_gzip_blocks, header_byte_by_byte, early_hints, body_byte_by_byte)


class Trickling:
    """Answers with the pieces of `answer`, one every `pause` seconds; an empty piece waits for a request."""

    def __init__(
        self, answer: Callable[[], Iterator[bytes]], *, tls: ssl.SSLContext | None = None, pause: float = PAUSE
    ) -> None:
        self._answer = answer
        self._pause = pause
        self._tls = tls
        self._stopped = Event()
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                self.connections += 1
                Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        left = TIMEOUT
        with contextlib.suppress(OSError), plain:
            found = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with found:
                for piece in self._answer():
                    if not piece:
                        found.recv(65536)
                        continue
                    found.sendall(piece)
                    left -= self._pause
                    if self._stopped.wait(self._pause) or left <= 0:
                        return


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"
