"""The consent: OAuth 2.0's code flow with PKCE and state, through Authlib."""

from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.client import OAuth2Client as Flow

from posxero.settings import Settings
from posxero.xero.errors import CodeRefused, Unavailable
from posxero.xero.exchange import exchange
from posxero.xero.shapes import TokenAnswer
from posxero.xero.tokens import Granted, granted

SCOPES = "offline_access accounting.contacts accounting.invoices accounting.settings.read"
CALLBACK = "/xero/callback"


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where to send the owner, and what must be remembered until they come back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def begin(settings: Settings) -> Beginning:
    """Make the address of Xero's consent page, with a fresh state of 256 bits and a fresh verifier."""
    state, verifier = token_urlsafe(32), token_urlsafe(48)
    client = Flow(session=None, **_options(settings))
    url, _ = client.create_authorization_url(
        f"{settings.xero.login_url}/identity/connect/authorize", state=state, code_verifier=verifier
    )
    return Beginning(url=str(url), state=state, verifier=verifier)


def fetch(http: httpx2.Client, settings: Settings, code: str, verifier: str) -> Granted:
    """Exchange the code for tokens; a code is good once and for a few minutes.

    Raises:
        CodeRefused: The code is used, old or made up.
        Unreachable, Unavailable: Xero did not take it; the code is likely still good.
        OutcomeUnknown: No answer; the code is likely used up.
    """
    url = f"{settings.xero.identity_url}/connect/token"
    try:
        with _client(http, settings) as client:
            answer = client.fetch_token(url, grant_type="authorization_code", code=code, code_verifier=verifier)
        return granted(msgspec.convert(dict(answer), TokenAnswer))
    except OAuthError as error:
        if error.error == "invalid_grant":
            raise CodeRefused("Xero does not take this code") from error
        raise Unavailable(f"Xero's identity server answered {error.error}") from error
    except (httpx2.HTTPStatusError, ValueError) as error:  # msgspec's ValidationError is a ValueError
        raise Unavailable("Xero's identity server gave no usable answer") from error


class ExchangeTransport(httpx2.BaseTransport):
    """Sends what Authlib asks for as one `exchange`: under its deadline, and with its bounds for an answer."""

    def __init__(self, http: httpx2.Client, *, deadline: float) -> None:
        self._http = http
        self._deadline = deadline

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the whole answer, unpacked.

        Raises:
            XeroError: As `exchange`; Authlib lets it pass.
        """
        answer = exchange(self._http, request, deadline=self._deadline)
        kind = answer.headers.get("Content-Type", "application/json")
        return httpx2.Response(answer.status, headers={"Content-Type": kind}, content=answer.body)


def _client(http: httpx2.Client, settings: Settings) -> OAuth2Client:
    timings = settings.timings
    return OAuth2Client(
        transport=ExchangeTransport(http, deadline=timings.token_timeout),
        timeout=httpx2.Timeout(timings.token_timeout, connect=timings.connect_timeout),
        follow_redirects=False,
        **_options(settings),
    )


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "client_id": settings.xero.client_id,
        "client_secret": settings.xero.client_secret or None,
        "scope": SCOPES,
        "redirect_uri": f"{settings.public_url}{CALLBACK}",
        "code_challenge_method": "S256",
    }
