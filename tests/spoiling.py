"""A Xero whose answers a test spoils on their way to us."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2

from posxero.xero.transport import BoundedTransport

if TYPE_CHECKING:
    from collections.abc import Callable

Spoil = "Callable[[httpx2.Request, dict[str, Any]], dict[str, Any] | httpx2.Response]"


class Spoiling(httpx2.BaseTransport):
    """Hands every answer of GET /Contacts to `spoil`, which returns the one to give, or another response."""

    def __init__(self, spoil: Callable[[httpx2.Request, Any], Any], *, path: str = "/api.xro/2.0/Contacts") -> None:
        self._inner = BoundedTransport()
        self._spoil = spoil
        self._path = path
        self.asked = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._inner.handle_request(request)
        if request.method != "GET" or request.url.path != self._path:
            return answer
        self.asked += 1
        whole = httpx2.Response(answer.status_code, headers=answer.headers, content=answer.read())
        spoiled = self._spoil(request, whole.json()) if whole.is_success else whole
        return spoiled if isinstance(spoiled, httpx2.Response) else httpx2.Response(200, content=json.dumps(spoiled))

    def close(self) -> None:
        self._inner.close()
