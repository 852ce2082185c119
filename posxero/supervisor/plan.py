"""Which processes make up a shop, with which environment, and when each is ready."""

import http.client
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from posxero.queue import QUEUES
from posxero.supervisor import valkey
from posxero.supervisor.child import Child

PRACTICE = ("practice", "practice-secret")  # what Practice Xero takes for the app's id and secret
CONTACTS = 1200
JOB_GRACE = 30.0  # seconds for a job to end; longer than any call to Xero
BASES = ("LOGIN", "IDENTITY", "API", "WEB")
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask a server that listens everywhere


def address(host: str, port: int) -> str:
    """Write the address of a server as a browser wants it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def practice_environment(base: str) -> dict[str, str]:
    """Point posxero at a Practice Xero."""
    client_id, secret = PRACTICE
    bases = {f"POSXERO_XERO_{name}_URL": base for name in BASES}
    return {"POSXERO_XERO_CLIENT_ID": client_id, "POSXERO_XERO_CLIENT_SECRET": secret, **bases}


def valkey_child(data_dir: Path, env: Mapping[str, str]) -> Child:
    """Plan the embedded Valkey, the last to end.

    Raises:
        NoValkey: There is none for this platform.
    """
    data = data_dir / "valkey"
    url = valkey.url(data)
    command, ready = valkey.command(data), lambda: valkey.answers(url)
    return Child("valkey", command, env, rank=3, ready=ready, patience=10, quiet=True)


def practice_child(host: str, port: int, data_dir: Path, env: Mapping[str, str]) -> Child:
    """Plan Practice Xero. It is a program of its own: nothing of it is imported."""
    options = ["--host", host, "--port", str(port), "--data-dir", str(data_dir), "--contacts", str(CONTACTS)]
    command = [sys.executable, "-m", "posxero.practice", *options]
    return Child("practice", command, env, rank=2, grace=5, ready=answers(host, port, "/"), patience=30)


def web_child(host: str, port: int, env: Mapping[str, str]) -> Child:
    """Plan the web server, the first to end: nobody saves while the rest goes down."""
    command = [sys.executable, "-m", "posxero", "web", "--host", host, "--port", str(port)]
    return Child("web", command, env, rank=0, grace=15, ready=answers(host, port, "/healthz"))


def worker_children(env: Mapping[str, str]) -> list[Child]:
    """Plan one worker for each queue."""
    posxero = [sys.executable, "-m", "posxero"]
    return [Child(name, [*posxero, "worker", name], env, grace=JOB_GRACE) for name in QUEUES]


def scheduler_child(env: Mapping[str, str]) -> Child:
    """Plan the scheduler."""
    return Child("scheduler", [sys.executable, "-m", "posxero", "scheduler"], env)


def answers(host: str, port: int, path: str) -> Callable[[], bool]:
    """Make the question whether a server answers a page without a server's error."""

    def ask() -> bool:
        connection = http.client.HTTPConnection(ANY_ADDRESS.get(host, host), port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask
