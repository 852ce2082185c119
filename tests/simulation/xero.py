"""Practice Xero in this process, on the world's clock, and the wire between it and the shop's processes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

from posxero.practice import store
from posxero.practice.app import create_practice
from tests.simulation.clock import VirtualClock
from tests.support.practice_server import PracticeClient

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.simulation.process import Process

URL = "http://xero.example"
LATENCY = 0.3  # seconds that Xero takes for a call
LATEST_LANDING = 540.0  # seconds; the last check after an unknown outcome is at 600
TABLES = (
    "invoice",
    "credit",
    "contact",
    "history",
    "written_by_api",
    "connection",
    "authorization_code",
    "refresh_token",
    "access_token",
)
UNREACHABLE, TRUNCATED = "unreachable", "truncated"  # faults of the wire; the others are those of Practice Xero


@dataclass
class Request:
    """A request on its way. `outcome` is None until Xero carried it out."""

    message: httpx2.Request
    sent_at: float
    outcome: httpx2.Response | httpx2.TransportError | None = None
    contacts: frozenset[str] = field(default_factory=frozenset)  # ids of ours or of Xero's that it writes


class CountingWrites(httpx2.WSGITransport):
    """The way to the app, which counts the requests that may change what Xero holds."""

    writes = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Count a request, and let the app carry it out."""
        self.writes += request.method != "GET" and request.url.path.startswith(("/api.xro/", "/practice/"))
        return super().handle_request(request)


class SimulatedXero(PracticeClient):
    """Practice Xero without sockets. One serves many worlds, one after another (`reset`)."""

    def __init__(self, path: Path, *, minute_limit: int) -> None:
        self.clock = VirtualClock()
        self.path = path
        self.app = create_practice(
            path,
            contacts=0,
            minute_limit=minute_limit,
            clock=self._now,
            sleep=self._sleep,
        )
        self._app = CountingWrites(app=self.app.wsgi_app)
        super().__init__(URL, httpx2.Client(transport=self._app, base_url=URL))
        self.under_way: list[Request] = []
        self.wire_faults: list[str] = []

    @property
    def writes(self) -> int:
        """How many were carried out: whoever read what Xero holds knows by it whether to read it again."""
        return self._app.writes

    def reset(self, clock: VirtualClock) -> None:
        """Begin with nothing, on another world's clock."""
        self.clock = clock
        self.under_way.clear()
        self.wire_faults.clear()
        practice = self.app.extensions["practice"]
        practice.limits.reset()
        for part in (practice.faults, practice.calls, practice.late_writes):
            part.clear()
        database = store.connect(self.path)
        with store.transaction(database):
            for table in (*TABLES, "idempotent_answer"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608
        database.close()

    def carry_out(self, request: Request) -> None:
        """Let Xero do what a request asks, unless it did already."""
        if request.outcome is None:
            request.outcome = self._answer(request.message)

    def pass_time(self, seconds: float) -> None:
        """Let time pass. What is under way or held is carried out `LATEST_LANDING` after it was sent, at the latest."""
        end = self.clock.elapsed + seconds
        while (due := self._next_landing()) is not None and due <= end:
            self.clock.elapsed = max(due, self.clock.elapsed)
            self.land_all(due)
        self.clock.elapsed = end

    def land_all(self, due: float = math.inf) -> None:
        """Carry out everything that was sent; only what may not take longer than until `due`."""
        for request in self.under_way:
            if request.sent_at + LATEST_LANDING <= due:
                self.carry_out(request)
        for write_id, sent_at in self._held():
            if sent_at + LATEST_LANDING <= due:
                self.land(write_id)

    def _now(self) -> datetime:
        return self.clock.xero_now()

    def _sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def _next_landing(self) -> float | None:
        sent = [request.sent_at for request in self.under_way if request.outcome is None]
        sent += [sent_at for _, sent_at in self._held()]
        return min(sent) + LATEST_LANDING if sent else None

    def _held(self) -> list[tuple[str, float]]:
        start = VirtualClock().xero_now().timestamp()
        writes = self.app.extensions["practice"].late_writes.all()
        return [(write["id"], write["at"] / 1000 - start) for write in writes if write["state"] == "held"]

    def _answer(self, message: httpx2.Request) -> httpx2.Response | httpx2.TransportError:
        self.clock.sleep(LATENCY)
        fault = self.wire_faults.pop(0) if self.wire_faults else ""
        if fault == UNREACHABLE:
            return httpx2.ConnectError("Xero cannot be reached", request=message)
        try:
            answer = self._app.handle_request(message)
        except ConnectionAbortedError:
            return httpx2.ReadError("the connection was dropped", request=message)
        body = answer.read()
        body = body[: len(body) // 2] if fault == TRUNCATED else body
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body, request=message)


class Wire(httpx2.BaseTransport):
    """A process's connections to Xero. It stands at a boundary before Xero carries a request out, and after."""

    def __init__(self, xero: SimulatedXero, process: Process) -> None:
        self._xero, self._process = xero, process

    def handle_request(self, message: httpx2.Request) -> httpx2.Response:
        xero, process = self._xero, self._process
        process.request = request = Request(message, xero.clock.elapsed, contacts=written_contacts(message))
        process.wrote |= request.contacts
        xero.under_way.append(request)
        try:
            process.pause("sent")
            xero.carry_out(request)
            process.pause("answered")
        finally:
            process.request = None
            xero.under_way.remove(request)
        if xero.clock.elapsed - request.sent_at > message.extensions["timeout"]["read"]:
            raise httpx2.ReadTimeout("no answer in time", request=message)
        if isinstance(request.outcome, httpx2.Response):
            return request.outcome
        assert request.outcome is not None
        raise request.outcome


def written_contacts(message: httpx2.Request) -> frozenset[str]:
    """Return the ids of the contacts that a request writes: Xero's, or our number where Xero has none yet."""
    if message.method not in {"PUT", "POST"} or not message.url.path.endswith("/Contacts"):
        return frozenset()
    elements: list[dict[str, Any]] = json.loads(message.read())["Contacts"]
    return frozenset(element.get("ContactID") or element["ContactNumber"] for element in elements)
