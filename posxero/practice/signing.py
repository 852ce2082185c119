"""JSON Web Tokens, signed with RS256, and the key set by which anybody can check them."""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "RS256"


def sign(claims: dict[str, Any]) -> str:
    """Return a JWT of these claims."""
    header = {"alg": ALGORITHM, "kid": key_set()["keys"][0]["kid"], "typ": "JWT"}
    signed = ".".join(base64url(_compact(part)) for part in (header, claims))
    signature = _private_key().sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{base64url(signature)}"


@cache
def key_set() -> dict[str, Any]:
    """Return the JSON Web Key Set of the key that signs."""
    numbers = _private_key().public_key().public_numbers()
    key = {"e": base64url(_number(numbers.e)), "kty": "RSA", "n": base64url(_number(numbers.n))}
    thumbprint = base64url(hashlib.sha256(_compact(key)).digest())  # RFC 7638: these members, in this order
    return {"keys": [key | {"alg": ALGORITHM, "kid": thumbprint, "use": "sig"}]}


def half_hash(token: str) -> str:
    """Return the at_hash of an access token (OpenID Connect Core 1.0, 3.1.3.6)."""
    return base64url(hashlib.sha256(token.encode()).digest()[:16])


def base64url(raw: bytes) -> str:
    """Return bytes in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@cache
def _private_key() -> RSAPrivateKey:
    """Make the key of this process. Only what was signed before a restart cannot be checked after it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _compact(part: dict[str, Any]) -> bytes:
    return json.dumps(part, separators=(",", ":")).encode()


def _number(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)
