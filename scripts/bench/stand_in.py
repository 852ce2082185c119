"""A Xero that answers at once or after a while: pages of contacts, made before anybody asks, in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from posxero.parent_death import die_with_parent
from posxero.practice import seed, shapes
from posxero.practice.organisations import ORGANISATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

TENANT = ORGANISATIONS[0].tenant_id
PAGE_SIZE = 1000  # contacts; the most that Xero gives at a time


class StandIn:
    """Where it listens. It knows no tokens and no limits, and nothing ever changes in it."""

    tenant = TENANT

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def tokens(self) -> dict[str, Any]:
        """Return tokens; every token is accepted."""
        return {"access_token": "any", "refresh_token": "any", "expires_in": 1800}

    def environment(self) -> dict[str, str]:
        """Return the environment that points posxero at it."""
        return {f"POSXERO_XERO_{base}_URL": self.url for base in ("LOGIN", "IDENTITY", "API", "WEB")}


@contextmanager
def standing_in(contacts: int, delay: float = 0, *, is_changed: bool = False) -> Iterator[StandIn]:
    """Run one with so many contacts, whose answers take `delay` seconds; `is_changed`: all were edited just now."""
    changes = ["changed"] if is_changed else []
    command = [sys.executable, "-m", "scripts.bench.stand_in", str(contacts), str(delay), *changes]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent())  # noqa: PLW1509 - no thread holds a lock across it
    try:
        assert child.stdout is not None  # noqa: S101 - it is a pipe
        yield StandIn(int(child.stdout.readline()))
    finally:
        child.terminate()
        child.wait()


def pages(contacts: int, *, is_changed: bool = False) -> list[bytes]:
    """Make the pages of an organisation, in the order of ids."""
    records = sorted(seed.generate_contacts(TENANT, contacts), key=lambda record: str(record["ContactID"]))
    for record in records if is_changed else ():
        record["EmailAddress"] = f"{record['ContactID']}@bookkeeper.example"
        record["UpdatedDateUTC"] = int(time.time() * 1000)
    shaped = [shapes.contact_for_read(record, detailed=True) for record in records]
    starts = range(0, contacts, PAGE_SIZE)
    return [_page(shaped[at : at + PAGE_SIZE], number, len(starts), contacts) for number, at in enumerate(starts, 1)]


def _page(contacts: list[dict[str, Any]], number: int, of: int, items: int) -> bytes:
    where = {"page": number, "pageSize": PAGE_SIZE, "pageCount": of, "itemCount": items}
    return json.dumps({"pagination": where, "Contacts": contacts}).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers GET /Contacts?page=N; nothing was modified since anything, or everything was."""

    protocol_version = "HTTP/1.1"
    pages: list[bytes]
    delay: float
    is_changed: bool
    contacts: int
    nothing = _page([], 1, 0, 0)

    def do_GET(self) -> None:
        """Send the page that is asked for."""
        time.sleep(self.delay)
        number = int(parse_qs(urlsplit(self.path).query)["page"][0])
        since = self.headers["If-Modified-Since"]
        body = self.nothing if since and not self.is_changed else self._page(number)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def _page(self, number: int) -> bytes:
        """Return a page of all, or the empty one that follows the last."""
        if number <= len(self.pages):
            return self.pages[number - 1]
        return _page([], number, len(self.pages), self.contacts)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def main() -> None:
    """Serve until told to end; the first line out is the port."""
    Handler.contacts, Handler.delay, Handler.is_changed = int(sys.argv[1]), float(sys.argv[2]), len(sys.argv) > 3  # noqa: PLR2004
    Handler.pages = pages(Handler.contacts, is_changed=Handler.is_changed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
