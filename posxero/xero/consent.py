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
from posxero.xero.errors import CodeRefused, OutcomeUnknown, Unavailable, Unreachable
from posxero.xero.exchange import NOT_SENT
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


def fetch(settings: Settings, code: str, verifier: str) -> Granted:
    """Exchange the code for tokens; a code is good once and for a few minutes.

    Raises:
        CodeRefused: The code is used, old or made up.
        Unreachable, Unavailable: Xero did not take it; the code is likely still good.
        OutcomeUnknown: No answer; the code is likely used up.
    """
    url = f"{settings.xero.identity_url}/connect/token"
    try:
        with _client(settings) as client:
            answer = client.fetch_token(url, grant_type="authorization_code", code=code, code_verifier=verifier)
        return granted(msgspec.convert(dict(answer), TokenAnswer))
    except OAuthError as error:
        if error.error == "invalid_grant":
            raise CodeRefused("Xero does not take this code") from error
        raise Unavailable(f"Xero's identity server answered {error.error}") from error
    except NOT_SENT as error:
        raise Unreachable(f"Xero cannot be reached: {type(error).__name__}") from error
    except httpx2.RequestError as error:
        raise OutcomeUnknown(f"Xero's identity server gave no answer: {type(error).__name__}") from error
    except (httpx2.HTTPStatusError, ValueError) as error:  # msgspec's ValidationError is a ValueError
        raise Unavailable("Xero's identity server gave no usable answer") from error


def _client(settings: Settings) -> OAuth2Client:
    timings = settings.timings
    timeout = httpx2.Timeout(timings.token_timeout, connect=timings.connect_timeout)
    return OAuth2Client(timeout=timeout, follow_redirects=False, **_options(settings))


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "client_id": settings.xero.client_id,
        "client_secret": settings.xero.client_secret or None,
        "scope": SCOPES,
        "redirect_uri": f"{settings.public_url}{CALLBACK}",
        "code_challenge_method": "S256",
    }
