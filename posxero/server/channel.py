"""One connection of a browser: how long it may take to send a request, to read a response, and to be idle."""

import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from posxero.server.error_pages import ErrorPageTask, RequestParser, RequestTimeout
from posxero.settings import SlowClients


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Runs the app. A connection stays open after a response without a body, too."""

    def set_close_on_finish(self) -> None:
        """Close the connection after the response, unless the only reason is that a 204 or a 304 has no length."""
        close_requested = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or close_requested or self.version != "1.1":
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]  # same
    """A connection. All times are monotonic seconds."""

    parser_class = RequestParser
    task_class = Task
    error_task_class = ErrorPageTask
    request: Any = None  # the RequestParser of the request that is being received

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._request_started_at = self._last_active_at = time.monotonic()
        super().__init__(*args, **kwargs)

    def received(self, data: bytes) -> bool:
        """Parse what was received, and record when a request started."""
        previous = self.request
        consumed = bool(super().received(data))
        self._last_active_at = time.monotonic()
        if self.request is not previous:
            self._request_started_at = self._last_active_at
        return consumed

    def _flush_some(self, do_close: bool = True) -> bool:  # noqa: FBT001, FBT002 - waitress's signature
        sent = bool(super()._flush_some(do_close=do_close))
        if sent:
            self._last_active_at = time.monotonic()
        return sent

    @property
    def is_answering(self) -> bool:
        """Return whether a request is being served, or its response written."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def is_receiving(self) -> bool:
        """Return whether a part of a request has arrived."""
        return self.request is not None

    def enforce_timeouts(self, now: float, limits: SlowClients, *, idle_timeout: float) -> None:
        """Answer 408 to a request that arrives too slowly; close a connection that is idle for too many seconds."""
        if self.is_answering:
            self._request_started_at = now  # nothing is read meanwhile
        elif self.request is not None and now > self._request_started_at + self._receive_timeout(self.request, limits):
            self._answer_timeout()
            return
        is_waiting = self.total_outbufs_len or not (self.requests or self.request)
        if is_waiting and now > self._last_active_at + idle_timeout:
            self.will_close = True

    @staticmethod
    def _receive_timeout(request: RequestParser, limits: SlowClients) -> float:
        """Return how many seconds a request may take until now: each received byte of a body extends the time."""
        if not request.headers_finished:
            return limits.header_timeout
        received: int = request.body_bytes_received
        return limits.header_timeout + limits.body_timeout + received / limits.body_rate

    def _answer_timeout(self) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            request.fail(RequestTimeout(""))
            self.requests.append(request)
        self.server.add_task(self)
