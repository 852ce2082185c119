"""The processes of a shop: their commands and environments, and how each is known to be ready."""

import base64
import hashlib
import hmac
import http.client
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from posxero.queue import QUEUES
from posxero.supervisor import valkey
from posxero.supervisor.child import Child

PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET = "practice", "practice-secret"
PRACTICE_CONTACTS = 1200
JOB_STOP_TIMEOUT = 30.0  # seconds for a job to end; longer than any call to Xero
XERO_URLS = ("LOGIN", "IDENTITY", "API", "WEB")
WEBHOOK_PATH = "/xero/webhook"
LOOPBACK_OF_WILDCARD = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a server that listens everywhere answers


def http_url(host: str, port: int) -> str:
    """Return the URL of a server."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def practice_environment(base_url: str) -> dict[str, str]:
    """Return the variables that point posxero at a Practice Xero."""
    return {
        "POSXERO_XERO_CLIENT_ID": PRACTICE_CLIENT_ID,
        "POSXERO_XERO_CLIENT_SECRET": PRACTICE_CLIENT_SECRET,
        **{f"POSXERO_XERO_{name}_URL": base_url for name in XERO_URLS},
    }


def practice_webhook_key(secret_key: str) -> str:
    """Derive the key by which Practice Xero signs webhooks from the secret key: none is stored, and it stays."""
    digest = hmac.digest(secret_key.encode(), b"practice webhook key", hashlib.sha256)
    return base64.b64encode(digest).decode()


def valkey_child(data_dir: Path, env: Mapping[str, str]) -> Child:
    """Return the embedded Valkey, which is stopped last.

    Raises:
        NoValkey: There is none for this platform.
    """
    data = data_dir / "valkey"
    url, command = valkey.url(data), valkey.command(data)

    def is_ready() -> bool:
        return valkey.is_responding(url)

    return Child("valkey", command, env, stop_order=3, is_ready=is_ready, ready_timeout=10, quiet=True)


def practice_child(host: str, port: int, data_dir: Path, env: Mapping[str, str], *, shop_url: str) -> Child:
    """Return Practice Xero, which sends webhooks to the shop. It is a program of its own: nothing of it is imported."""
    options = ["--host", host, "--port", str(port), "--data-dir", str(data_dir), "--contacts", str(PRACTICE_CONTACTS)]
    options += ["--webhook-url", shop_url + WEBHOOK_PATH]
    command, is_ready = [sys.executable, "-m", "posxero.practice", *options], http_probe(host, port, "/")
    return Child("practice", command, env, stop_order=2, stop_timeout=5, is_ready=is_ready, ready_timeout=30)


def web_child(host: str, port: int, env: Mapping[str, str]) -> Child:
    """Return the web server, which is stopped first: nobody saves while the rest is stopped."""
    command = [sys.executable, "-m", "posxero", "web", "--host", host, "--port", str(port)]
    return Child("web", command, env, stop_order=0, stop_timeout=15, is_ready=http_probe(host, port, "/healthz"))


def worker_children(env: Mapping[str, str]) -> list[Child]:
    """Return one worker for each queue."""
    posxero = [sys.executable, "-m", "posxero"]
    return [Child(name, [*posxero, "worker", name], env, stop_timeout=JOB_STOP_TIMEOUT) for name in QUEUES]


def scheduler_child(env: Mapping[str, str]) -> Child:
    """Return the scheduler."""
    return Child("scheduler", [sys.executable, "-m", "posxero", "scheduler"], env)


def http_probe(host: str, port: int, path: str) -> Callable[[], bool]:
    """Return a function that asks a server for a page: is there an answer below 500?"""

    def is_answering() -> bool:
        connection = http.client.HTTPConnection(LOOPBACK_OF_WILDCARD.get(host, host), port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return is_answering
