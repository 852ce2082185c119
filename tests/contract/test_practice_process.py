"""Practice Xero as a process of its own: python -m posxero.practice."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.webhook_receiver import WebhookReceiver

Start = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start Practice Xero on any free port, in a folder that is not there yet; return the process and its address."""
    started: list[subprocess.Popen[str]] = []

    def begin(*options: str, **environment: str) -> tuple["subprocess.Popen[str]", str]:
        command = [sys.executable, "-m", "posxero.practice", "--port", "0", "--data-dir", str(tmp_path / "new" / "var")]
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().split()[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_and_ends_cleanly(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    process, url = start("--contacts", "5")
    assert httpx2.get(url).status_code == 200
    process.send_signal(number)
    said, complaints = process.communicate(timeout=20)
    assert (process.returncode, said, complaints) == (0, "Practice Xero ends\n", "")
    assert (tmp_path / "new" / "var" / "practice.db").exists()


def test_a_kill_loses_nothing_that_was_answered(start: Start, tmp_path: Path) -> None:
    process, url = start("--contacts", "5")
    tenant = httpx2.get(f"{url}/practice/organisations").json()[0]["tenant_id"]
    made = httpx2.post(f"{url}/practice/organisations/{tenant}/contacts", json={"Name": "Kept"}).json()
    process.kill()
    process.communicate()
    _, url = start("--contacts", "900")
    assert httpx2.get(f"{url}/practice/contacts/{made['ContactID']}").json()["Name"] == "Kept"
    with sqlite3.connect(tmp_path / "new" / "var" / "practice.db") as database:
        (count,) = database.execute("SELECT count(*) FROM contact WHERE tenant_id = ?", (tenant,)).fetchone()
    database.close()
    assert count == 6


def test_the_environment_names_the_app(start: Start) -> None:
    _, url = start("--contacts", "1", POSXERO_XERO_CLIENT_ID="my-shop", POSXERO_XERO_CLIENT_SECRET="quiet")
    form = {"grant_type": "refresh_token", "refresh_token": "unknown"}
    known = httpx2.post(f"{url}/connect/token", data=form, auth=("my-shop", "quiet"))
    unknown = httpx2.post(f"{url}/connect/token", data=form, auth=("practice", "practice-secret"))
    assert (known.json(), unknown.json()) == ({"error": "invalid_grant"}, {"error": "invalid_client"})


def test_webhooks_are_delivered_where_the_options_say(start: Start) -> None:
    receiver = WebhookReceiver()
    try:
        process, url = start("--contacts", "1", "--webhook-url", receiver.url, POSXERO_XERO_WEBHOOK_KEY=receiver.key)
        tenant = httpx2.get(f"{url}/practice/organisations").json()[0]["tenant_id"]
        httpx2.post(f"{url}/practice/organisations/{tenant}/contacts", json={"Name": "Heard"})
        assert [each.is_signed for each in receiver.wait(1)] == [True]
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=20)
        assert (process.returncode, complaints) == (0, "")
    finally:
        receiver.stop()
