"""The Idempotency-Key of a write: the first answer is replayed for about six minutes, errors included.

A key belongs to the app, whichever organisation it is used for.
"""

import hashlib
import sqlite3
from collections.abc import Callable

from flask import Request, Response

from posxero.practice import answers, store

MAX_KEY_LENGTH = 128  # characters; Xero's OpenAPI document 16.1.0
KEY_LIFETIME_MS = 6 * 60_000  # milliseconds; Xero's page on idempotency


def find_answer(database: sqlite3.Connection, request: Request, now: int) -> Response | None:
    """Return the stored answer of this key, 400 for an unusable key, or None if the key is new."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > MAX_KEY_LENGTH:
        return answers.problem(400, "Bad Request", f"The idempotency key must have 1 to {MAX_KEY_LENGTH} characters.")
    database.execute("DELETE FROM idempotent_answer WHERE at <= ?", (now - KEY_LIFETIME_MS,))
    row = database.execute("SELECT * FROM idempotent_answer WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != _fingerprint(request):
        return answers.problem(400, "Bad Request", f"Idempotency Key {key} is used with a different request")
    return Response(row["body"], row["status"], content_type=row["content_type"])


def store_answer(database: sqlite3.Connection, request: Request, response: Response, now: int) -> None:
    """Store the answer under the key of the request, if it has one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return
    kept = (
        key,
        _fingerprint(request),
        now,
        response.status_code,
        response.content_type or "",
        response.get_data(),
    )
    database.execute("INSERT OR REPLACE INTO idempotent_answer VALUES (?, ?, ?, ?, ?, ?)", kept)


def run_once(database: sqlite3.Connection, request: Request, now: int, respond: Callable[[], Response]) -> Response:
    """Return the stored answer of the request's key, or call `respond` and store its answer, in one transaction."""
    with store.transaction(database):
        stored = find_answer(database, request, now)
        if stored is not None:
            return stored
        response = respond()
        store_answer(database, request, response, now)
    return response


def _fingerprint(request: Request) -> str:
    tenant = request.headers.get("xero-tenant-id", "").lower()
    whole = f"{tenant} {request.method} {request.full_path} ".encode() + request.get_data()
    return hashlib.sha256(whole).hexdigest()
