"""Tokens at Xero's identity server, and the list of organisations that one may see.

These calls are outside the limits of the organisations. None follows a redirect: a token is sent only where the
settings say. Refreshing is ours, not Authlib's: it has no lock, believes any 200 and has no time-out.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import httpx2
import msgspec
import structlog

from posxero.settings import Settings
from posxero.xero.errors import ConsentLost, Missing, OutcomeUnknown, Unavailable
from posxero.xero.exchange import Answer, exchange
from posxero.xero.refusals import limited, refusal
from posxero.xero.shapes import Claims, Tenant, TokenAnswer, TokenProblem
from posxero.xero.vault import Tokens
from posxero.xero.wire import decode

ORGANISATION = "ORGANISATION"  # the type of a tenant that has books; a practice has none
FORGOTTEN = "Xero no longer accepts our permission: it was withdrawn, or not used for 60 days. Connect again."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Granted:
    """What the identity server gave: tokens, how long the access token lives, and what it is for."""

    tokens: Tokens
    lifetime: timedelta
    scopes: str
    auth_event_id: str  # names the consent in /connections; "" when the token does not say


def refresh(http: httpx2.Client, settings: Settings, refresh_token: str) -> Granted:
    """Exchange a refresh token for new tokens. The old one can be tried again for 30 minutes after its first use.

    Raises:
        ConsentLost: The token is dead (``invalid_grant``).
        Limited, Unreachable, Unavailable: No new tokens now; the old one stays good.
        OutcomeUnknown: No answer; trying the old one again is safe.
    """
    answer = _post(http, settings, "token", {"grant_type": "refresh_token", "refresh_token": refresh_token})
    if answer.status == HTTPStatus.OK:
        return granted(decode(answer.body, TokenAnswer))
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise limited(answer)
    problem = _problem(answer)
    if problem == "invalid_grant":
        raise ConsentLost(FORGOTTEN)
    log.warning("xero.refresh_failed", status=answer.status, problem=problem[:40])
    raise Unavailable(f"Xero's identity server answered {answer.status} {problem[:40]}".strip())


def granted(answer: TokenAnswer) -> Granted:
    """Check a good answer of the token endpoint.

    Raises:
        Unavailable: It holds no usable tokens.
    """
    if not answer.access_token or not answer.refresh_token or answer.expires_in <= 0:
        raise Unavailable("Xero's identity server gave no usable tokens")
    scopes = answer.scope if isinstance(answer.scope, str) else " ".join(answer.scope)
    return Granted(
        tokens=Tokens(access=answer.access_token, refresh=answer.refresh_token),
        lifetime=timedelta(seconds=min(answer.expires_in, 86400)),
        scopes=scopes[:500],
        auth_event_id=_auth_event_id(answer.access_token),
    )


def tenants(http: httpx2.Client, settings: Settings, access_token: str, auth_event_id: str = "") -> list[Tenant]:
    """List the organisations that the token may see: those of one consent, or without it all of its user.

    Raises:
        XeroError: As for every read.
    """
    params = {"authEventId": auth_event_id} if auth_event_id else {}
    request = _bearer(http, settings, "GET", f"{settings.xero.api_url}/connections", access_token, params)
    answer = exchange(http, request, deadline=2 * settings.timings.token_timeout)
    if answer.status != HTTPStatus.OK:
        raise refusal(answer, reads=True)
    return [tenant for tenant in decode(answer.body, list[Tenant]) if tenant.tenant_type == ORGANISATION]


def remove_tenant(http: httpx2.Client, settings: Settings, access_token: str, xero_connection_id: str) -> None:
    """Tell Xero that the app is done with one organisation; the tokens go on for the others of the consent.

    Raises:
        XeroError: As for every write.
    """
    url = f"{settings.xero.api_url}/connections/{UUID(xero_connection_id)}"
    answer = exchange(
        http, _bearer(http, settings, "DELETE", url, access_token, {}), deadline=2 * settings.timings.token_timeout
    )
    if answer.good:
        return
    error = refusal(answer, reads=False)
    if not isinstance(error, Missing):  # somebody removed it in Xero
        raise error


def revoke(http: httpx2.Client, settings: Settings, refresh_token: str) -> None:
    """Kill a refresh token and, at Xero, every connection that its user ever gave the app.

    Raises:
        XeroError: As for every write.
    """
    answer = _post(http, settings, "revocation", {"token": refresh_token})
    if answer.status != HTTPStatus.OK:
        raise OutcomeUnknown(f"Xero's identity server answered {answer.status}")


def _post(http: httpx2.Client, settings: Settings, endpoint: str, form: dict[str, str]) -> Answer:
    timings, xero = settings.timings, settings.xero
    headers = {"Accept": "application/json"}
    if xero.client_secret:
        pair = f"{xero.client_id}:{xero.client_secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        form = form | {"client_id": xero.client_id}
    request = http.build_request(
        "POST",
        f"{xero.identity_url}/connect/{endpoint}",
        data=form,
        headers=headers,
        timeout=httpx2.Timeout(timings.token_timeout, connect=timings.connect_timeout),
    )
    return exchange(http, request, deadline=timings.token_timeout)


def _bearer(
    http: httpx2.Client, settings: Settings, method: str, url: str, access_token: str, params: dict[str, str]
) -> httpx2.Request:
    timings = settings.timings
    return http.build_request(
        method,
        url,
        params=params,
        headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"},
        timeout=httpx2.Timeout(timings.token_timeout, connect=timings.connect_timeout),
    )


def _problem(answer: Answer) -> str:
    try:
        return decode(answer.body, TokenProblem).error
    except Unavailable:
        return ""


def _auth_event_id(access_token: str) -> str:
    """Read the claim of a JWT. It came from the identity server itself, so its signature is not checked."""
    try:
        payload = access_token.split(".")[1]
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return msgspec.json.decode(text, type=Claims).authentication_event_id[:64]
    except (IndexError, binascii.Error, ValueError):
        return ""
