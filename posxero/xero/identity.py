"""The token endpoint of Xero's identity server: exchange a code, or a refresh token, for new tokens.

Both grants are one request with one mapping of errors. These calls count against no organisation's limits. The secrets
are sent only to the address in the settings: no redirect is followed.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import httpx2
import msgspec
import structlog

from posxero.settings import Settings
from posxero.xero.decoding import decode
from posxero.xero.errors import CodeRefused, ConsentLost, Unavailable, XeroError
from posxero.xero.exchange import Response, exchange
from posxero.xero.refusals import rate_limit_error
from posxero.xero.shapes import Claims, TokenError, TokenResponse
from posxero.xero.vault import Tokens

CALLBACK_PATH = "/xero/callback"
MAX_LIFETIME = 86_400  # seconds that an access token is believed to live; Xero says 1,800
PERMISSION_LOST = "Xero no longer accepts our permission: it was withdrawn, or not used for 60 days. Connect again."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """New tokens, how long the access token lives, and what they are for."""

    tokens: Tokens
    lifetime: timedelta
    scopes: str
    auth_event_id: str  # names the consent in /connections; "" when the token does not say


def redirect_uri(settings: Settings) -> str:
    """Return the address to which Xero sends the owner back; it is registered with Xero."""
    return f"{settings.public_url}{CALLBACK_PATH}"


def exchange_code(http: httpx2.Client, settings: Settings, code: str, code_verifier: str) -> IssuedTokens:
    """Exchange the code of a consent for tokens. A code works once, and for a few minutes.

    Raises:
        CodeRefused: The code was used, has expired or was made up (``invalid_grant``).
        Limited, Unreachable, Unavailable: No tokens now; the code is likely still good.
        OutcomeUnknown: No response; the code is likely used up.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": code_verifier,
        "redirect_uri": redirect_uri(settings),
    }
    return _request_tokens(http, settings, form, invalid_grant=CodeRefused("Xero does not accept this code"))


def refresh(http: httpx2.Client, settings: Settings, refresh_token: str) -> IssuedTokens:
    """Exchange a refresh token for new tokens. The old one works again for 30 minutes after its first use.

    Raises:
        ConsentLost: The token is dead (``invalid_grant``).
        Limited, Unreachable, Unavailable: No new tokens now; the old one stays good.
        OutcomeUnknown: No response; it is safe to try the old one again.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _request_tokens(http, settings, form, invalid_grant=ConsentLost(PERMISSION_LOST))


def _request_tokens(
    http: httpx2.Client, settings: Settings, form: dict[str, str], *, invalid_grant: XeroError
) -> IssuedTokens:
    response = _post(http, settings, form)
    if response.status == HTTPStatus.OK:
        return _issued_tokens(decode(response.body, TokenResponse))
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise rate_limit_error(response)
    error = _error_code(response)
    if error == "invalid_grant":
        raise invalid_grant
    log.warning("xero.no_tokens", grant_type=form["grant_type"], status=response.status, error=error)
    raise Unavailable(f"Xero's identity server answered {response.status} {error}".strip(), status=response.status)


def _post(http: httpx2.Client, settings: Settings, form: dict[str, str]) -> Response:
    """Send a form to the token endpoint: with HTTP Basic where the app has a secret (RFC 6749, 2.3.1)."""
    timings, xero = settings.timings, settings.xero
    if not xero.client_secret:
        form = form | {"client_id": xero.client_id}
    request = http.build_request(
        "POST",
        f"{xero.identity_url}/connect/token",
        data=form,
        headers={"Accept": "application/json"},
        timeout=httpx2.Timeout(timings.token_timeout, connect=timings.connect_timeout),
    )
    if xero.client_secret:
        credentials = f"{xero.client_id}:{xero.client_secret}".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
    return exchange(http, request, deadline=timings.token_timeout)


def _issued_tokens(response: TokenResponse) -> IssuedTokens:
    """Check a success of the token endpoint.

    Raises:
        Unavailable: It holds no usable tokens.
    """
    if not response.access_token or not response.refresh_token or response.expires_in <= 0:
        raise Unavailable("Xero's identity server sent no usable tokens")
    scopes = response.scope if isinstance(response.scope, str) else " ".join(response.scope)
    return IssuedTokens(
        tokens=Tokens(access=response.access_token, refresh=response.refresh_token),
        lifetime=timedelta(seconds=min(response.expires_in, MAX_LIFETIME)),
        scopes=scopes[:500],
        auth_event_id=_auth_event_id(response.access_token),
    )


def _error_code(response: Response) -> str:
    """Return OAuth's error code, shortened; "" when the response has none."""
    try:
        return decode(response.body, TokenError).error[:40]
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
