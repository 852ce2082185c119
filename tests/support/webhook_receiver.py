"""An app that receives webhooks on a loopback port and checks their signature."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

KEY = "webhook-signing-key"


@dataclass
class Received:
    """A request as it came; `is_signed` tells whether its signature fits the whole body."""

    body: bytes
    is_signed: bool
    headers: dict[str, str]

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = json.loads(self.body)["events"]
        return events


@dataclass
class WebhookReceiver:
    """Answers 200 or 401; tests change `answers`, a list of (status, body, headers) for the next requests."""

    key: str = KEY
    received: list[Received] = field(default_factory=list)
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = Condition()
        self._port = 0
        self.start()

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_port
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/xero"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def deliveries(self) -> list[Received]:
        """The requests with events, in the order in which they came."""
        with self._changed:
            return [each for each in self.received if b'"events":[]' not in each.body]

    def wait(self, count: int) -> list[Received]:
        """Wait until so many deliveries have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.deliveries()) >= count, timeout=20), self.received
        return self.deliveries()

    def _take(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        digest = hmac.new(self.key.encode(), body, hashlib.sha256).digest()
        is_signed = headers.get("x-xero-signature") == base64.b64encode(digest).decode()
        with self._changed:
            self.received.append(Received(body, is_signed, headers))
            answer = self.answers.pop(0) if self.answers else (200 if is_signed else 401, b"", {})
            self._changed.notify_all()
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer, headers = receiver._take(body, {k.lower(): v for k, v in self.headers.items()})
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_arguments: Any) -> None:
                pass

        return Handler
