"""Transports between us and Practice Xero, for what happens to a request or an answer on its way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2

from posxero.xero.transport import BoundedTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from posxero.practice.state import Practice

    Send = Callable[[httpx2.Request], httpx2.Response]


class InProcess(httpx2.BaseTransport):
    """Let a Practice Xero of this process answer without a connection, which takes a fifth less time.

    While a fault is pending and once the server has stopped, calls go over a connection, as the product's own do:
    faults delay, drop and overfill connections.
    """

    def __init__(self, app: Flask) -> None:
        self._practice: Practice = app.extensions["practice"]
        self._direct = httpx2.WSGITransport(app=app)
        self._connections = BoundedTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        needs_connection = self._practice.closing.is_set() or self._practice.faults.pending()
        return (self._connections if needs_connection else self._direct).handle_request(request)

    def close(self) -> None:
        self._connections.close()


class Intercepting(httpx2.BaseTransport):
    """Pass every request to `handle`, with the function that sends it on: it may act before, answer itself or raise."""

    def __init__(
        self,
        handle: Callable[[httpx2.Request, Send], httpx2.Response],
        inner: httpx2.BaseTransport | None = None,
    ) -> None:
        self._inner = inner or BoundedTransport()
        self._handle = handle

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._handle(request, self._inner.handle_request)

    def close(self) -> None:
        self._inner.close()


class Spoiling(Intercepting):
    """Pass the body of every answer of GET /Contacts to `spoil`, which returns another body or response."""

    def __init__(self, spoil: Callable[[httpx2.Request, Any], Any], *, path: str = "/api.xro/2.0/Contacts") -> None:
        super().__init__(self._answer)
        self._spoil = spoil
        self._path = path
        self.asked = 0

    def _answer(self, request: httpx2.Request, send: Send) -> httpx2.Response:
        answer = send(request)
        if request.method != "GET" or request.url.path != self._path:
            return answer
        self.asked += 1
        whole = httpx2.Response(answer.status_code, headers=answer.headers, content=answer.read())
        spoiled = self._spoil(request, whole.json()) if whole.is_success else whole
        return spoiled if isinstance(spoiled, httpx2.Response) else httpx2.Response(200, content=json.dumps(spoiled))
