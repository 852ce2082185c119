"""One call to one organisation with one access token. Never sleeps and never retries: callers store when to."""

import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import httpx2
import msgspec
import structlog

from posxero.xero.errors import Limited
from posxero.xero.exchange import Response, exchange
from posxero.xero.limits import Limits
from posxero.xero.refusals import error_for

# One order of keys, so that the same body is the same bytes; exact decimals are written as numbers.
ENCODER: Final = msgspec.json.Encoder(order="deterministic", decimal_format="number")

log = structlog.get_logger(__name__)


class Api:
    """What every call to the Accounting API shares.

    Raises (each method of a subclass):
        Limited: A limit, ours or Xero's; nothing was done.
        Unreachable: Nothing was sent.
        Unavailable, TooSlow: A read got no usable response.
        OutcomeUnknown: A write got no usable response, or one too large to be read.
        Refused, Missing, TooLarge: Xero refused the request, or the response to a read is too large.
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
        is_background: bool = False,
    ) -> None:
        """Set what a call needs; a background call (of an import, a poll) gets no slot that is reserved for people."""
        self._http = http
        self._base = f"{api_url}/api.xro/2.0"
        self._tenant_id = tenant_id
        self.access_token = access_token
        self._limits = limits
        self._is_background = is_background
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
    ) -> Response:
        """Send a body; in one order of keys: the same Idempotency-Key must go with the same bytes."""
        headers = {"Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        content = ENCODER.encode(body)
        return self._call(method, path, params=params, headers=headers, content=content)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Response:
        request = self._http.build_request(
            method, self._base + path, params=params, headers={**self._headers, **(headers or {})}, content=content
        )
        started = time.monotonic()
        with self._limits.slot(self._tenant_id, is_background=self._is_background):
            response = exchange(self._http, request, deadline=self._limits.call_seconds)
        self._record(method, path, response, started)
        if response.is_success:
            return response
        error = error_for(response, is_read=method == "GET")
        if isinstance(error, Limited):
            error = Limited(error.limit, self._limits.block(self._tenant_id, error.limit, error.wait))
        raise error

    def _record(self, method: str, path: str, response: Response, started: float) -> None:
        """Adopt what Xero says of its limits, and log the call."""
        self._limits.observe_headers(self._tenant_id, response.headers)
        log.info(
            "xero.called",
            method=method,
            path=path,
            tenant=str(self._tenant_id),
            status=response.status,
            ms=round((time.monotonic() - started) * 1000),
            correlation=response.headers.get("Xero-Correlation-Id", ""),
        )
