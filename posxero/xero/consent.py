"""The request for a consent: OAuth 2.0's code flow with state and PKCE, by Authlib."""

from dataclasses import dataclass, field
from secrets import token_urlsafe

from authlib.oauth2.client import OAuth2Client

from posxero.settings import Settings
from posxero.xero.identity import redirect_uri

SCOPES = "offline_access accounting.contacts accounting.invoices accounting.settings.read"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The address of Xero's consent page, and the secrets to remember until the owner comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)


def authorization_request(settings: Settings) -> AuthorizationRequest:
    """Build the address of Xero's consent page, with a fresh state of 256 bits and a fresh PKCE verifier."""
    state, code_verifier = token_urlsafe(32), token_urlsafe(48)
    client = OAuth2Client(
        session=None,
        client_id=settings.xero.client_id,
        scope=SCOPES,
        redirect_uri=redirect_uri(settings),
        code_challenge_method="S256",
    )
    url, _ = client.create_authorization_url(
        f"{settings.xero.login_url}/identity/connect/authorize", state=state, code_verifier=code_verifier
    )
    return AuthorizationRequest(url=str(url), state=state, code_verifier=code_verifier)
