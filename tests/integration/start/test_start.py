"""`posxero start`, whole: from nothing to the sign-in page, and down again with Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2

from posxero import preflight
from tests.support.processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Started:
    """A running `posxero start`; `block` is what it said about itself, by label."""

    def __init__(self, folder: Path) -> None:
        port = preflight.next_free_port("127.0.0.1", 8400 + os.getpid() % 400)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("POSXERO_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "posxero", "start", "--port", str(port)],
            env={**clean, "POSXERO_DATA_DIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._welcomed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._welcomed.wait(60):
            self.process.kill()
            raise AssertionError("".join(self.lines))
        said = re.findall(r"^  (\w[\w ]+?)  +(\S.*)$", "".join(self.lines), re.MULTILINE)
        self.block: dict[str, str] = dict(reversed(said))
        self.url, self.xero = self.block["Retail POS"], self.block["Practice Xero"]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "To end" in line or line.startswith("Error"):
                self._welcomed.set()
        self._welcomed.set()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join()
        return code

    def sign_in(self) -> httpx2.Response:
        with httpx2.Client(base_url=self.url, follow_redirects=True) as browser:
            page = browser.get("/sign-in").text
            token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
            assert token, page
            fields = {"email": self.block["Sign in as"], "password": self.block["Password"], "csrf_token": token[1]}
            return browser.post("/sign-in", data=fields)


@contextmanager
def started(folder: Path) -> Iterator[Started]:
    running = Started(folder)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
        running._reader.join()
        assert running.process.stdout is not None
        running.process.stdout.close()


def answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code < 500
    except httpx2.TransportError:
        return False


def readiness(shop: Started) -> dict[str, str]:
    told: dict[str, str] = httpx2.get(f"{shop.url}/readyz").json()
    return told


def newcomer_signs_in(shop: Started) -> None:
    signed_in = shop.sign_in()
    assert signed_in.status_code == 200
    assert signed_in.url.path == "/customers"
    until(lambda: readiness(shop) == {"database": "ready", "redis": "ready"}, "every process of the shop is seen")
    assert answers(shop.xero)


def shop_ends(shop: Started) -> None:
    assert shop.end() == 0, "".join(shop.lines)
    assert not answers(shop.url)
    assert not answers(shop.xero)
    text = "".join(shop.lines)
    assert "Traceback" not in text
    assert "starts again" not in text


def folder_is_not_served_twice(shop: Started, folder: Path) -> None:
    env = {**os.environ, "POSXERO_DATA_DIR": str(folder)}
    second = subprocess.run(
        [sys.executable, "-m", "posxero", "start"], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert second.returncode == 1
    assert "is already using" in second.stderr
    assert answers(shop.url)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "keys.json").stat().st_mode & 0o777 == 0o600
    assert {"posxero.db", "practice.db", "valkey", "keys.json"} <= {path.name for path in folder.iterdir()}


def nothing_is_left_when_the_supervisor_is_killed(shop: Started) -> None:
    shop.process.kill()
    shop.process.wait()
    shop._reader.join(10)  # the pipe closes when the last child is gone
    assert not shop._reader.is_alive()
    assert not answers(shop.url)
    assert not answers(shop.xero)


def test_a_shop_starts_ends_starts_again_as_it_was_and_leaves_nothing_when_killed(tmp_path: Path) -> None:
    folder = tmp_path / "a shop"
    with started(folder) as shop:
        password = shop.block["Password"]
        newcomer_signs_in(shop)
        shop_ends(shop)
    with started(folder) as again:
        assert again.block["Password"] == password
        assert again.sign_in().url.path == "/customers"
        folder_is_not_served_twice(again, folder)
        nothing_is_left_when_the_supervisor_is_killed(again)
