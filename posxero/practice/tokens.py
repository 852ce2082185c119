"""Issue, exchange and revoke authorization codes, tokens and connections."""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash

from posxero.practice import signing

CODE_LIFETIME_MS = 5 * 60_000  # milliseconds; Xero's page on the code flow
ACCESS_LIFETIME_MS = 30 * 60_000  # milliseconds; Xero's FAQ on OAuth 2.0
REFRESH_LIFETIME_MS = 60 * 86_400_000  # milliseconds, when it is not used; same source
REFRESH_GRACE_MS = 30 * 60_000  # milliseconds in which a used refresh token may be tried again; same source
USER_ID = "b3c2a1d0-0000-4000-8000-00000000f00d"  # the one user of Practice Xero


class InvalidGrant(Exception):
    """A code or refresh token is unknown, used up, expired or revoked."""


@dataclass(frozen=True)
class TokenParties:
    """The parties of a token: the address of the issuer, and the client id of the app."""

    issuer: str
    client_id: str


@dataclass(frozen=True)
class Access:
    """The access that a token grants."""

    event_id: str
    scope: frozenset[str]
    expires: int


def issue_code(
    database: sqlite3.Connection, *, event_id: str, scope: str, redirect_uri: str, challenge: str, nonce: str, now: int
) -> str:
    """Issue an authorization code that can be exchanged once."""
    code = secrets.token_urlsafe(32)
    row = (_hash(code), event_id, scope, redirect_uri, challenge, nonce, now + CODE_LIFETIME_MS, None)
    database.execute("INSERT INTO authorization_code VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return code


def exchange_code(
    database: sqlite3.Connection, parties: TokenParties, *, code: str, redirect_uri: str, verifier: str, now: int
) -> dict[str, Any]:
    """Exchange a code for tokens.

    Raises:
        InvalidGrant: The code is unknown, used or too old, was given for another address, or the PKCE verifier
            does not fit its challenge.
    """
    row = database.execute("SELECT * FROM authorization_code WHERE hash = ?", (_hash(code),)).fetchone()
    if row is None or row["used"] is not None or row["expires"] <= now or row["redirect_uri"] != redirect_uri:
        raise InvalidGrant
    if row["challenge"] and not secrets.compare_digest(row["challenge"], create_s256_code_challenge(verifier)):
        raise InvalidGrant
    database.execute("UPDATE authorization_code SET used = ? WHERE hash = ?", (now, _hash(code)))
    return _issue(database, parties, row["event_id"], row["scope"], now, nonce=row["nonce"])


def exchange_refresh_token(
    database: sqlite3.Connection, parties: TokenParties, *, token: str, now: int
) -> dict[str, Any]:
    """Exchange a refresh token for new tokens; a used one is accepted for another half an hour.

    Raises:
        InvalidGrant: The token is unknown, revoked, expired, or its grace is over.
    """
    row = database.execute("SELECT * FROM refresh_token WHERE hash = ?", (_hash(token),)).fetchone()
    if row is None or row["expires"] <= now or (row["used"] is not None and row["used"] + REFRESH_GRACE_MS <= now):
        raise InvalidGrant
    if row["used"] is None:
        database.execute("UPDATE refresh_token SET used = ? WHERE hash = ?", (now, _hash(token)))
    return _issue(database, parties, row["event_id"], row["scope"], now)


def revoke_consent(database: sqlite3.Connection, token: str) -> None:
    """Revoke the consent of a refresh token and every connection; ignore unknown tokens."""
    row = database.execute("SELECT event_id FROM refresh_token WHERE hash = ?", (_hash(token),)).fetchone()
    if row is not None:
        database.execute("DELETE FROM refresh_token WHERE event_id = ?", (row["event_id"],))
        database.execute("DELETE FROM connection")


def find_access(database: sqlite3.Connection, token: str) -> Access | None:
    """Return the access of a token, None if it is unknown. The caller checks `expires`."""
    row = database.execute("SELECT * FROM access_token WHERE hash = ?", (_hash(token),)).fetchone()
    return None if row is None else Access(row["event_id"], frozenset(row["scope"].split()), row["expires"])


def expire_access(database: sqlite3.Connection, now: int) -> None:
    """Expire every access token now; refresh tokens stay valid."""
    database.execute("UPDATE access_token SET expires = min(expires, ?)", (now,))


def connect(database: sqlite3.Connection, tenant_ids: list[str], event_id: str, now: int) -> None:
    """Connect organisations by a consent; one that is already connected moves to the new consent."""
    database.executemany(
        "INSERT INTO connection VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (tenant_id) DO UPDATE SET event_id = excluded.event_id, updated = excluded.updated",
        [(str(uuid4()), tenant_id, event_id, now, now) for tenant_id in tenant_ids],
    )


def disconnect_all(database: sqlite3.Connection) -> None:
    """Delete every connection, as when a user disconnects the app in Xero; tokens stay valid."""
    database.execute("DELETE FROM connection")


def _issue(
    database: sqlite3.Connection, parties: TokenParties, event_id: str, scope: str, now: int, *, nonce: str = ""
) -> dict[str, Any]:
    claims = _claims(parties, event_id, scope, now // 1000)
    issued = signing.sign(claims)
    database.execute(
        "INSERT INTO access_token VALUES (?, ?, ?, ?)", (_hash(issued), event_id, scope, now + ACCESS_LIFETIME_MS)
    )
    answer: dict[str, Any] = {
        "access_token": issued,
        "expires_in": ACCESS_LIFETIME_MS // 1000,
        "token_type": "Bearer",
        "scope": scope,
    }
    if "openid" in scope.split():
        person = {"email": "pat@kiwioutfitters.example", "given_name": "Pat", "family_name": "Practice"}
        asked = {"nonce": nonce} if nonce else {}
        own = {
            "aud": parties.client_id,
            "iat": now // 1000,
            "at_hash": create_half_hash(issued, signing.ALGORITHM).decode(),
        }
        answer["id_token"] = signing.sign(claims | own | person | asked)
    if "offline_access" in scope.split():
        answer["refresh_token"] = secrets.token_urlsafe(32)
        row = (_hash(answer["refresh_token"]), event_id, scope, now + REFRESH_LIFETIME_MS, None)
        database.execute("INSERT INTO refresh_token VALUES (?, ?, ?, ?, ?)", row)
    return answer


def _claims(parties: TokenParties, event_id: str, scope: str, seconds: int) -> dict[str, Any]:
    return {
        "nbf": seconds,
        "exp": seconds + ACCESS_LIFETIME_MS // 1000,
        "iss": parties.issuer,
        "aud": f"{parties.issuer}/resources",
        "client_id": parties.client_id,
        "sub": USER_ID.replace("-", ""),
        "auth_time": seconds,
        "xero_userid": USER_ID,
        "global_session_id": uuid4().hex,
        "jti": uuid4().hex,
        "scope": scope.split(),
        "authentication_event_id": event_id,
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
