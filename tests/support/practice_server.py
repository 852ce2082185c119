"""A Practice Xero on a loopback port, for tests of everything that talks to Xero."""

import json
import sqlite3
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from posxero.practice.app import create_practice
from posxero.practice.organisations import ORGANISATIONS
from posxero.practice.server import serve
from tests.support.practice_invoices import PracticeInvoices

Json = dict[str, Any]

SCOPE = "offline_access accounting.contacts accounting.invoices accounting.settings.read"
CALLBACK = "http://localhost:9/xero/callback"  # nothing listens there: the answer is read from the redirect
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading the authorities, for nothing, takes 40 ms
MAX_STOP = 0.005  # seconds until a server that is told to stop does
VERIFIER = "practice-verifier-" + "0" * 40


class PracticeClient(PracticeInvoices):
    """What tests do to a Practice Xero and read of it; `http` is a client of it that brings no token."""

    client_id = "practice"
    client_secret = "practice-secret"
    organisations = ORGANISATIONS
    tenant = ORGANISATIONS[0].tenant_id

    def __init__(self, url: str, http: httpx2.Client) -> None:
        self.url, self.http = url, http

    def environment(self) -> dict[str, str]:
        """Return the environment that points posxero at this server."""
        bases = ("LOGIN", "IDENTITY", "API", "WEB")
        return {
            "POSXERO_XERO_CLIENT_ID": self.client_id,
            "POSXERO_XERO_CLIENT_SECRET": self.client_secret,
        } | {f"POSXERO_XERO_{base}_URL": self.url for base in bases}

    def fault(self, kind: str, count: int = 1, **options: Any) -> None:
        """Let the next calls meet a fault, or do at once: clear, expire_tokens, disconnect, forget_limits.

        The docstring of posxero.practice.control lists the kinds and their options. Common ones: `path` (a prefix),
        `method`, `query` (parameters that the call must have).
        """
        self._post("/practice/faults", {"kind": kind, **({"count": count} if count != 1 else {}), **options})

    def faults_left(self) -> list[Json]:
        """List the faults that no call has met yet."""
        waiting: list[Json] = self.http.get("/practice/faults").raise_for_status().json()
        return waiting

    def late_writes(self) -> list[Json]:
        """List the writes that the fault "late" held, with their state: held, landing, landed."""
        writes: list[Json] = self.http.get("/practice/late-writes").raise_for_status().json()
        return writes

    def land(self, write_id: str = "") -> list[Json]:
        """Carry out one held write, or all in the order sent; return each with the status and answer of Xero."""
        answer = self.http.post(f"/practice/late-writes/{write_id}/land" if write_id else "/practice/late-writes/land")
        landed: list[Json] = answer.raise_for_status().json()
        return landed

    def calls(self, path: str = "", method: str = "") -> list[Json]:
        """List the calls whose path starts with `path`, oldest first; see posxero.practice.calls.Call."""
        calls: list[Json] = self.http.get("/practice/calls").raise_for_status().json()
        return [call for call in calls if call["path"].startswith(path) and method in {"", call["method"]}]

    def clear_calls(self) -> None:
        """Forget the calls."""
        self._post("/practice/calls/clear", {})

    def contact(self, contact_id: object) -> Json:
        """Return a contact as Xero holds it: Phones and Addresses are mappings by type."""
        held: Json = self.http.get(f"/practice/contacts/{contact_id}").raise_for_status().json()
        return held

    def contacts(self, tenant: str = "") -> list[Json]:
        """List an organisation's contacts (the first one's) as Xero holds them, by their ids."""
        path = f"/practice/organisations/{tenant or self.tenant}/contacts"
        held: list[Json] = self.http.get(path).raise_for_status().json()
        return held

    def named(self, name: str, tenant: str = "") -> Json:
        """Return the one contact of a name."""
        (held,) = [contact for contact in self.contacts(tenant) if contact["Name"] == name]
        return held

    def edit(self, contact_id: object, **changes: Any) -> Json:
        """Change a contact on Xero's side, any field and without Xero's rules."""
        return self._post(f"/practice/contacts/{contact_id}", changes)

    def add(self, tenant: str = "", **fields: Any) -> Json:
        """Add a contact on Xero's side, without Xero's rules."""
        return self._post(f"/practice/organisations/{tenant or self.tenant}/contacts", fields)

    def act(self, contact_id: object, action: str, **options: str) -> Json:
        """Archive, restore, merge (`into` a ContactID) or erase a contact as a user does in Xero."""
        return self._post(f"/practice/contacts/{contact_id}/{action}", options)

    def remove(self, contact_id: object) -> None:
        """Take a contact out, as if Xero had never had it."""
        self._post(f"/practice/contacts/{contact_id}/remove", {})

    def subscribe(self, url: str, key: str) -> Json:
        """Set the address and key of the app's webhooks, and verify them; return the state of webhooks()."""
        return self.webhooks("", url=url, key=key)

    def webhooks(self, action: str | None = None, **options: Any) -> Json:
        """Return the state of the webhooks, after an action: hold, release, deliver, repeat, reorder, faults, clear.

        The docstring of posxero.practice.webhook_control lists their options.
        """
        if action is not None:
            return self._post(f"/practice/webhooks/{action}".rstrip("/"), options)
        state: Json = self.http.get("/practice/webhooks").raise_for_status().json()
        return state

    def consent(self, tenants: list[str] | None = None, *, scope: str = SCOPE, **asked: str) -> dict[str, str]:
        """Press Allow access; return the parameters with which the browser is sent back."""
        form = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": scope,
            "state": "some-state",
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
            "tenant": tenants or [self.tenant],
        } | asked
        answer = self.http.post("/identity/connect/authorize", data=form)
        return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def exchange(self, code: str, *, verifier: str = VERIFIER) -> httpx2.Response:
        """Exchange a code at the token endpoint."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
        return self.token(form)

    def token(self, form: Mapping[str, str]) -> httpx2.Response:
        """Ask the token endpoint as the app."""
        return self.http.post("/connect/token", data=dict(form), auth=(self.client_id, self.client_secret))

    def revoke(self, refresh_token: str) -> None:
        """Withdraw a consent: its refresh token is dead from now on."""
        form = {"token": refresh_token}
        self.http.post("/connect/revocation", data=form, auth=(self.client_id, self.client_secret)).raise_for_status()

    def tokens(self, tenants: list[str] | None = None, *, scope: str = SCOPE) -> Json:
        """Consent and exchange: connect the organisations (the first) and return the tokens."""
        issued: Json = self.exchange(self.consent(tenants, scope=scope)["code"]).raise_for_status().json()
        return issued

    def authorize_url(self, **asked: str) -> str:
        """Return the address of the consent page."""
        return f"{self.url}/identity/connect/authorize?{urlencode(asked)}"

    def _post(self, path: str, body: Json) -> Json:
        raw = json.dumps(body).encode()
        answer = self.http.post(path, content=raw, headers={"Content-Type": "application/json"})
        answered: Json = answer.raise_for_status().json()
        return answered


@lru_cache(maxsize=4)
def _new_file(contacts: int) -> bytes:
    """Make the file of a Practice Xero that nobody has used: its tables and contacts take a while."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "practice.db"
        create_practice(path, contacts=contacts)
        return path.read_bytes()


@lru_cache(maxsize=4)
def _connected_file(contacts: int, _minutes: int) -> tuple[bytes, Json]:
    """Make the file of one that is used for the first organisation; return its tokens too, new every few minutes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "practice.db"
        path.write_bytes(_new_file(contacts))
        app = create_practice(path, contacts=contacts)
        with httpx2.Client(base_url="http://127.0.0.1", transport=httpx2.WSGITransport(app=app)) as http:
            tokens = PracticeClient("", http).tokens()
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes(), tokens


class PracticeServer(PracticeClient):
    """Practice Xero in a thread of this process; its file outlives it, so that it can be started again.

    `url` serves all four bases. Options are those of `create_practice`; tests that hurry raise the limits.
    """

    _first_tokens: Json | None = None

    def __init__(self, path: Path, *, contacts: int = 50, port: int = 0, **options: Any) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(_new_file(contacts))
        self.app = create_practice(path, contacts=contacts, **options)
        self._server = serve(self.app, "127.0.0.1", port)
        self.port = self._server.server_port
        url = f"http://127.0.0.1:{self.port}"
        super().__init__(url, httpx2.Client(base_url=url, transport=httpx2.WSGITransport(app=self.app)))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": MAX_STOP}, daemon=True)
        self._thread.start()

    @classmethod
    def connected(cls, path: Path, *, contacts: int, **options: Any) -> Self:
        """Begin with a consent for the first organisation, whose tokens the first call of `tokens` returns."""
        content, tokens = _connected_file(contacts, int(time.monotonic() // 300))
        path.write_bytes(content)
        server = cls(path, contacts=contacts, **options)
        server._first_tokens = tokens
        return server

    def tokens(self, tenants: list[str] | None = None, *, scope: str = SCOPE) -> Json:
        """Consent and exchange, or return what the file began with."""
        first, self._first_tokens = self._first_tokens, None
        return first if first and (tenants, scope) == (None, SCOPE) else super().tokens(tenants, scope=scope)

    def stop(self) -> None:
        """End the server; its file stays."""
        self.http.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
