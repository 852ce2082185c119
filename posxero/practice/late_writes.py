"""Late writes: held as they were sent, and carried out after their caller has given up."""

from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock, Timer
from typing import Any
from uuid import uuid4

from flask import Flask, Request, g
from werkzeug.exceptions import HTTPException

from posxero.practice import bodies

HELD, LANDING, LANDED = "held", "landing", "landed"


@dataclass
class LateWrite:
    """A write as it was sent; `status` and `answer` are the answer that its caller would have received."""

    at: int
    tenant: str
    sent: Any  # the JSON of the body
    environ: dict[str, Any] = field(repr=False)  # holds the caller's token: never shown
    body: bytes = field(repr=False)
    id: str = field(default_factory=lambda: str(uuid4()))
    state: str = HELD
    status: int = 0
    answer: str = ""

    def summary(self) -> dict[str, Any]:
        """Return the element of the control API."""
        return {
            "id": self.id,
            "at": self.at,
            "tenant": self.tenant,
            "method": self.environ["REQUEST_METHOD"],
            "path": self.environ["PATH_INFO"],
            "idempotency_key": self.environ.get("HTTP_IDEMPOTENCY_KEY", ""),
            "elements": elements(self),
            "state": self.state,
            "status": self.status,
            "answer": self.answer,
        }


class LateWrites:
    """The writes that are held or have landed, in the order in which they were sent. They do not survive a restart."""

    def __init__(self, app: Flask) -> None:
        """Start without writes; `app` carries them out."""
        self._app = app
        self._lock = Lock()
        self._writes: list[LateWrite] = []
        self._timers: list[Timer] = []

    def hold(self, write: LateWrite) -> None:
        """Hold a write until it is landed."""
        with self._lock:
            self._writes.append(write)

    def schedule(self, write_id: str, seconds: float) -> None:
        """Land a held write after a number of seconds, unless the server stops before."""
        timer = Timer(seconds, self.land, [write_id])
        timer.daemon = True
        with self._lock:
            self._timers.append(timer)
        timer.start()

    def land(self, write_id: str = "") -> list[dict[str, Any]]:
        """Carry out the held write of an id, or all in the order in which they were sent; return their summaries.

        A write meets the rules, the contacts and the idempotency keys of now. It counts against no limit, meets no
        fault and is not logged again.
        """
        claimed = self._claim(write_id)
        for write in claimed:
            _carry_out(self._app, write)
        return [write.summary() for write in claimed]

    def _claim(self, write_id: str) -> list[LateWrite]:
        with self._lock:
            claimed = [write for write in self._writes if write.state == HELD and write_id in {"", write.id}]
            for write in claimed:
                write.state = LANDING
            return claimed

    def clear(self) -> None:
        """Discard all writes: those that are held never land."""
        with self._lock:
            self._writes = []

    def all(self) -> list[dict[str, Any]]:
        """Return the summaries of all writes, oldest first."""
        with self._lock:
            return [write.summary() for write in self._writes]

    def close(self) -> None:
        """Cancel the scheduled writes, because the server stops."""
        with self._lock:
            for timer in self._timers:
                timer.cancel()


def late_write_of(request: Request, tenant: str, now: int) -> LateWrite:
    """Return the write of a request, with its own copy of headers and body."""
    body = request.get_data()
    sent = {key: value for key, value in request.environ.items() if isinstance(value, str)}
    sent.pop("HTTP_TRANSFER_ENCODING", None)
    sent["CONTENT_LENGTH"] = str(len(body))
    return LateWrite(now, tenant, bodies.parse(request), sent, body)


def elements(write: LateWrite) -> list[Any]:
    """Return the contacts or invoices that a write sends."""
    found = write.sent
    if isinstance(found, dict):
        found = found.get("Contacts") or found.get("Invoices") or [found]
    return found if isinstance(found, list) else []


def _carry_out(app: Flask, write: LateWrite) -> None:
    with app.request_context(write.environ | {"wsgi.input": BytesIO(write.body)}):
        g.tenant = write.tenant
        try:
            response = app.make_response(app.dispatch_request())
        except HTTPException as refusal:
            response = app.make_response(refusal.get_response())
        write.status, write.answer = response.status_code, response.get_data(as_text=True)
    write.state = LANDED
