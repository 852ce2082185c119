"""One connection of a browser: how long it may take to send, to read and to think."""

import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from posxero.server.error_pages import Parser, Refusal, RequestTimeout
from posxero.settings import SlowClients


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Runs the app. A connection stays open after an answer without a body, too."""

    def set_close_on_finish(self) -> None:
        """Close the connection after the answer, unless it is only that a 204 or a 304 has no length."""
        asked = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or asked or self.version != "1.1":
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]  # same
    """A connection. All times are monotonic seconds."""

    parser_class = Parser
    task_class = Task
    error_task_class = Refusal
    request: Any = None  # the Parser of the request that is being received

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._began_at = self._active_at = time.monotonic()
        super().__init__(*args, **kwargs)

    def received(self, data: bytes) -> bool:
        """Take what was received, and note when a request began."""
        before = self.request
        taken = bool(super().received(data))
        self._active_at = time.monotonic()
        if self.request is not before:
            self._began_at = self._active_at
        return taken

    def _flush_some(self, do_close: bool = True) -> bool:  # noqa: FBT001, FBT002 - waitress's signature
        sent = bool(super()._flush_some(do_close=do_close))
        if sent:
            self._active_at = time.monotonic()
        return sent

    @property
    def is_answering(self) -> bool:
        """Whether a request is being served, or its answer written."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def is_receiving(self) -> bool:
        """Whether a part of a request has arrived."""
        return self.request is not None

    def look(self, now: float, limits: SlowClients, *, idle: float) -> None:
        """Refuse a request that arrives too slowly; close a connection on which nothing moves for `idle` seconds."""
        if self.is_answering:
            self._began_at = now  # meanwhile nothing is read
        elif self.request is not None and now > self._began_at + self._allowed(self.request, limits):
            self._refuse()
            return
        waits = self.total_outbufs_len or not (self.requests or self.request)
        if waits and now > self._active_at + idle:
            self.will_close = True

    @staticmethod
    def _allowed(request: Parser, limits: SlowClients) -> float:
        """Return how many seconds a request may have taken until now: each byte of a body earns some."""
        if not request.headers_finished:
            return limits.header_timeout
        received: int = request.body_bytes_received
        return limits.header_timeout + limits.body_timeout + received / limits.body_rate

    def _refuse(self) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            request.refuse(RequestTimeout(""))
            self.requests.append(request)
        self.server.add_task(self)
