"""OpenID Connect Discovery: what an SDK reads before it asks for a consent."""

from flask import Blueprint, Response, request

from posxero.practice import answers, signing
from posxero.practice.scopes import SCOPES

bp = Blueprint("discovery", __name__, url_prefix="/.well-known/openid-configuration")


@bp.get("")
def configuration() -> Response:
    """Describe the identity service at the address of the request."""
    base = issuer()
    return answers.json_answer(
        {
            "issuer": base,
            "jwks_uri": f"{base}/.well-known/openid-configuration/jwks",
            "authorization_endpoint": f"{base}/identity/connect/authorize",
            "token_endpoint": f"{base}/connect/token",
            "revocation_endpoint": f"{base}/connect/revocation",
            "scopes_supported": list(SCOPES),
            "claims_supported": ["sub", "email", "given_name", "family_name", "xero_userid"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [signing.ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
        }
    )


@bp.get("/jwks")
def keys() -> Response:
    """Return the key that signs tokens."""
    return answers.json_answer(signing.key_set())


def issuer() -> str:
    """Return the address of the request, which is the issuer of its tokens."""
    return request.host_url.rstrip("/")
