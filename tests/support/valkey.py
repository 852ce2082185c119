"""A real Valkey server for the tests of a process: the embedded one, with its data in a folder of its own."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from redis import Redis

from posxero.supervisor import valkey
from posxero.supervisor.spawn import spawn

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 10  # seconds until it must answer


class Server:
    """Runs until `stop`; a test may kill it and start it again at the same address."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = valkey.url(data)
        self._client = Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        with (self.data.parent / "valkey.log").open("ab") as log:
            self.process = spawn(valkey.command(self.data), output=log)
        end = time.monotonic() + TIMEOUT
        while not valkey.is_responding(self.url):
            if time.monotonic() > end:
                raise RuntimeError((self.data.parent / "valkey.log").read_text()[-800:])
            time.sleep(0.02)

    def empty(self) -> None:
        """Delete every key; one client for all tests, as a connection takes longer than the command."""
        self._client.flushall()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self._client.close()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
