from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.support.practice_server import NO_TLS
from tests.support.processes import Process, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Serve = Callable[..., AbstractContextManager["Web"]]


class Web(Process):
    """A `posxero web`, and where it listens."""

    def __init__(self, port: int, environment: dict[str, str], log: Path, *, workers: int) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        arguments = ["web", "--port", str(port), "--workers", str(workers)]
        super().__init__(arguments, {**environment, "POSXERO_PUBLIC_URL": self.url}, log)

    def is_up(self) -> bool:
        try:
            return self.said("") and httpx2.get(f"{self.url}/healthz", timeout=5, verify=NO_TLS).status_code == 200
        except httpx2.TransportError:
            return False

    def connect(self, sent: bytes = b"") -> socket.socket:
        """Open a connection, and send the beginning of a request."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sendall(sent)
        return connection


@pytest.fixture
def serve(tmp_path: Path, environment: dict[str, str], database_url: str) -> Serve:
    """Run a web server for the length of a block: `with serve(workers=2, POSXERO_HEADER_SECONDS="1") as web`."""

    @contextmanager
    def run(*, workers: int = 1, **more: str) -> Iterator[Web]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {**environment, "POSXERO_DATABASE_URL": database_url, **more}
        web = Web(port, settings, tmp_path / "web.log", workers=workers)
        try:
            until(web.is_up, f"something serves {web.url}")
            yield web
        finally:
            web.kill()

    return run
