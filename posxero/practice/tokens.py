"""Codes, tokens and connections: what a consent gives, how it is exchanged, how it ends."""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from posxero.practice import signing

CODE_LIFE = 5 * 60_000  # milliseconds; Xero's page on the code flow
ACCESS_LIFE = 30 * 60_000  # milliseconds; Xero's FAQ on OAuth 2.0
REFRESH_LIFE = 60 * 86_400_000  # milliseconds, when it is not used; same source
GRACE = 30 * 60_000  # milliseconds in which a used refresh token may be tried again; same source
USER = "b3c2a1d0-0000-4000-8000-00000000f00d"  # the one user of Practice Xero


class InvalidGrant(Exception):
    """A code or refresh token is unknown, used up, expired or revoked."""


@dataclass(frozen=True)
class Party:
    """Between whom tokens are issued: the address of the issuer, and the app's client id."""

    issuer: str
    client_id: str


@dataclass(frozen=True)
class Access:
    """What an access token allows."""

    event_id: str
    scope: frozenset[str]
    expires: int


def issue_code(
    database: sqlite3.Connection, *, event_id: str, scope: str, redirect_uri: str, challenge: str, nonce: str, now: int
) -> str:
    """Make a code that can be exchanged once."""
    code = secrets.token_urlsafe(32)
    row = (_hash(code), event_id, scope, redirect_uri, challenge, nonce, now + CODE_LIFE, None)
    database.execute("INSERT INTO authorization_code VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return code


def exchange(
    database: sqlite3.Connection, party: Party, *, code: str, redirect_uri: str, verifier: str, now: int
) -> dict[str, Any]:
    """Exchange a code for tokens.

    Raises:
        InvalidGrant: The code is unknown, used or too old, was given for another address, or the PKCE verifier
            does not fit its challenge.
    """
    row = database.execute("SELECT * FROM authorization_code WHERE hash = ?", (_hash(code),)).fetchone()
    if row is None or row["used"] is not None or row["expires"] <= now or row["redirect_uri"] != redirect_uri:
        raise InvalidGrant
    if row["challenge"] and not secrets.compare_digest(row["challenge"], challenge_of(verifier)):
        raise InvalidGrant
    database.execute("UPDATE authorization_code SET used = ? WHERE hash = ?", (now, _hash(code)))
    return _issue(database, party, row["event_id"], row["scope"], now, nonce=row["nonce"])


def refresh(database: sqlite3.Connection, party: Party, *, token: str, now: int) -> dict[str, Any]:
    """Exchange a refresh token for new tokens; it may be tried again for half an hour after its first use.

    Raises:
        InvalidGrant: The token is unknown, revoked, expired, or its grace is over.
    """
    row = database.execute("SELECT * FROM refresh_token WHERE hash = ?", (_hash(token),)).fetchone()
    if row is None or row["expires"] <= now or (row["used"] is not None and row["used"] + GRACE <= now):
        raise InvalidGrant
    if row["used"] is None:
        database.execute("UPDATE refresh_token SET used = ? WHERE hash = ?", (now, _hash(token)))
    return _issue(database, party, row["event_id"], row["scope"], now)


def revoke(database: sqlite3.Connection, token: str) -> None:
    """End a refresh token's consent and every connection of its user; unknown tokens are no error."""
    row = database.execute("SELECT event_id FROM refresh_token WHERE hash = ?", (_hash(token),)).fetchone()
    if row is not None:
        database.execute("DELETE FROM refresh_token WHERE event_id = ?", (row["event_id"],))
        database.execute("DELETE FROM connection")


def access(database: sqlite3.Connection, token: str) -> Access | None:
    """Give what an access token allows, None when it is unknown. The caller looks at `expires`."""
    row = database.execute("SELECT * FROM access_token WHERE hash = ?", (_hash(token),)).fetchone()
    return None if row is None else Access(row["event_id"], frozenset(row["scope"].split()), row["expires"])


def expire_access(database: sqlite3.Connection, now: int) -> None:
    """Let every access token expire now; refresh tokens go on."""
    database.execute("UPDATE access_token SET expires = min(expires, ?)", (now,))


def connect(database: sqlite3.Connection, tenant_ids: list[str], event_id: str, now: int) -> None:
    """Connect organisations by a consent; one that is connected already belongs to the new consent."""
    database.executemany(
        "INSERT INTO connection VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (tenant_id) DO UPDATE SET event_id = excluded.event_id, updated = excluded.updated",
        [(str(uuid4()), tenant_id, event_id, now, now) for tenant_id in tenant_ids],
    )


def disconnect_all(database: sqlite3.Connection) -> None:
    """End every connection, as when the user disconnects the app in Xero; the tokens go on."""
    database.execute("DELETE FROM connection")


def challenge_of(verifier: str) -> str:
    """Give a verifier's S256 challenge (RFC 7636, 4.2)."""
    return signing.base64url(hashlib.sha256(verifier.encode()).digest())


def _issue(
    database: sqlite3.Connection, party: Party, event_id: str, scope: str, now: int, *, nonce: str = ""
) -> dict[str, Any]:
    claims = _claims(party, event_id, scope, now // 1000)
    issued = signing.sign(claims)
    database.execute(
        "INSERT INTO access_token VALUES (?, ?, ?, ?)", (_hash(issued), event_id, scope, now + ACCESS_LIFE)
    )
    answer: dict[str, Any] = {
        "access_token": issued,
        "expires_in": ACCESS_LIFE // 1000,
        "token_type": "Bearer",
        "scope": scope,
    }
    if "openid" in scope.split():
        person = {"email": "pat@kiwioutfitters.example", "given_name": "Pat", "family_name": "Practice"}
        asked = {"nonce": nonce} if nonce else {}
        own = {"aud": party.client_id, "iat": now // 1000, "at_hash": signing.half_hash(issued)}
        answer["id_token"] = signing.sign(claims | own | person | asked)
    if "offline_access" in scope.split():
        answer["refresh_token"] = secrets.token_urlsafe(32)
        row = (_hash(answer["refresh_token"]), event_id, scope, now + REFRESH_LIFE, None)
        database.execute("INSERT INTO refresh_token VALUES (?, ?, ?, ?, ?)", row)
    return answer


def _claims(party: Party, event_id: str, scope: str, seconds: int) -> dict[str, Any]:
    return {
        "nbf": seconds,
        "exp": seconds + ACCESS_LIFE // 1000,
        "iss": party.issuer,
        "aud": f"{party.issuer}/resources",
        "client_id": party.client_id,
        "sub": USER.replace("-", ""),
        "auth_time": seconds,
        "xero_userid": USER,
        "global_session_id": uuid4().hex,
        "jti": uuid4().hex,
        "scope": scope.split(),
        "authentication_event_id": event_id,
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
