"""One call to one organisation with one access token. Never sleeps, never tries again: its callers write down when."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import structlog

from posxero.xero.errors import Limited
from posxero.xero.exchange import Answer, exchange
from posxero.xero.limits import Limits
from posxero.xero.refusals import refusal

log = structlog.get_logger(__name__)


class Api:
    """What every call to the Accounting API shares.

    Raises (each method of a subclass):
        Limited: A limit, ours or Xero's; nothing was done.
        Unreachable: Nothing was sent.
        Unavailable, TooSlow: A read got no good answer.
        OutcomeUnknown: A write got no good answer, or one too large to be read.
        Refused, Missing, TooLarge: Xero said no, or the answer to a read is too large.
        TokenExpired: Refresh, and call again with a new client.
        AccessDenied: Ask /connections whether the organisation is still ours (`services.xero_connection.access` does).
        ConsentLost: Only a new consent helps.
    """

    def __init__(
        self,
        http: httpx2.Client,
        api_url: str,
        tenant_id: UUID,
        access_token: str,
        limits: Limits,
        *,
        reserve: bool = False,
    ) -> None:
        """Take what a call needs; `reserve` leaves people's part of the limits alone (imports, polls)."""
        self._http = http
        self._base = f"{api_url}/api.xro/2.0"
        self._tenant_id = tenant_id
        self.access_token = access_token
        self._limits = limits
        self._reserve = reserve
        self._headers = {
            "Authorization": f"Bearer {access_token}",
            "xero-tenant-id": str(tenant_id),
            "Accept": "application/json",
        }

    def _write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        params: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Answer:
        """Send a body; in one order of keys: the same Idempotency-Key must go with the same bytes."""
        headers = {"Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        content = msgspec.json.encode(body, order="deterministic")
        return self._call(method, path, params=params, headers=headers, content=content)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        request = self._http.build_request(
            method, self._base + path, params=params, headers={**self._headers, **(headers or {})}, content=content
        )
        began = time.monotonic()
        with self._limits.place(self._tenant_id, reserve=self._reserve):
            answer = exchange(self._http, request, deadline=self._limits.lease)
        self._note(method, path, answer, began)
        if answer.good:
            return answer
        error = refusal(answer, reads=method == "GET")
        if isinstance(error, Limited):
            error = Limited(error.why, self._limits.blocked(self._tenant_id, error.why, error.wait))
        raise error

    def _note(self, method: str, path: str, answer: Answer, began: float) -> None:
        self._limits.observe_headers(self._tenant_id, answer.headers)
        log.info(
            "xero.called",
            method=method,
            path=path,
            tenant=str(self._tenant_id),
            status=answer.status,
            ms=round((time.monotonic() - began) * 1000),
            correlation=answer.headers.get("Xero-Correlation-Id", ""),
        )
