"""JSON Web Tokens, signed with RS256, and the key set by which anybody can check them."""

from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ALGORITHM = "RS256"


def sign(claims: dict[str, Any]) -> str:
    """Return a JWT of these claims."""
    key = _private_key()
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


def key_set() -> dict[str, Any]:
    """Return the JSON Web Key Set of the key that signs."""
    return dict(KeySet([_private_key()]).as_dict(private=False))


@cache
def _private_key() -> RSAKey:
    """Return the key of this process. Only what was signed before a restart cannot be checked after it."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
