"""OpenID Connect: what an SDK reads first, and the tokens that it can check by it."""

import base64
import hashlib
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from tests.contract.conftest import Clock
from tests.support.practice_server import SCOPE, PracticeServer

OPENID = f"openid profile email {SCOPE}"


def configuration(practice: PracticeServer) -> dict[str, Any]:
    answer = practice.http.get("/.well-known/openid-configuration").raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def checked(practice: PracticeServer, token: str) -> dict[str, Any]:
    """The claims of a token whose signature fits the published keys."""
    keys = KeySet.import_key_set(practice.http.get(configuration(practice)["jwks_uri"]).json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def test_the_addresses_are_those_that_answer(practice: PracticeServer) -> None:
    found = configuration(practice)
    assert found["issuer"] == practice.url
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert set(SCOPE.split()) < set(found["scopes_supported"])
    assert practice.http.get(found["authorization_endpoint"]).status_code == 400
    for endpoint in ("token_endpoint", "revocation_endpoint"):
        assert practice.http.post(found[endpoint]).json() == {"error": "invalid_client"}


def test_the_keys_are_public(practice: PracticeServer) -> None:
    (key,) = practice.http.get("/.well-known/openid-configuration/jwks").json()["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


def test_an_id_token_can_be_checked(practice: PracticeServer, clock: Clock) -> None:
    code = practice.consent(scope=OPENID, nonce="from-the-session")["code"]
    issued = practice.exchange(code).json()
    claims = checked(practice, issued["id_token"])
    registry = JWTClaimsRegistry(
        now=lambda: int(clock().timestamp()),
        iss={"essential": True, "value": practice.url},
        aud={"essential": True, "value": practice.client_id},
        nonce={"essential": True, "value": "from-the-session"},
    )
    registry.validate(claims)
    half = hashlib.sha256(issued["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert claims["given_name"] == "Pat"


def test_an_access_token_is_signed_by_the_same_key(practice: PracticeServer) -> None:
    claims = checked(practice, practice.tokens(scope=OPENID)["access_token"])
    assert (claims["iss"], claims["client_id"], claims["scope"]) == (practice.url, "practice", OPENID.split())


def test_a_refreshed_id_token_has_no_nonce(practice: PracticeServer) -> None:
    issued = practice.exchange(practice.consent(scope=OPENID, nonce="once")["code"]).json()
    form = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}
    assert "nonce" not in checked(practice, practice.token(form).json()["id_token"])


def test_the_signature_of_another_token_does_not_fit(practice: PracticeServer) -> None:
    issued = practice.tokens(scope=OPENID)
    header, claims, _ = issued["id_token"].split(".")
    with pytest.raises(BadSignatureError):
        checked(practice, ".".join([header, claims, issued["access_token"].split(".")[2]]))
