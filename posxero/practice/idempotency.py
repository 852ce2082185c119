"""The Idempotency-Key of a write: the first answer is given again for about six minutes, errors too.

A key belongs to the app, whichever organisation it is used for.
"""

import hashlib
import sqlite3

from flask import Request, Response

from posxero.practice import answers

KEY_MOST = 128  # characters; Xero's OpenAPI document 16.1.0
KEPT = 6 * 60_000  # milliseconds; Xero's page on idempotency


def recall(database: sqlite3.Connection, request: Request, now: int) -> Response | None:
    """Return the answer that this key had before, 400 for a key that cannot be used, or None to go on."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > KEY_MOST:
        return answers.problem(400, "Bad Request", f"The idempotency key must have 1 to {KEY_MOST} characters.")
    database.execute("DELETE FROM remembered WHERE at <= ?", (now - KEPT,))
    row = database.execute("SELECT * FROM remembered WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != _fingerprint(request):
        return answers.problem(400, "Bad Request", f"Idempotency Key {key} is used with a different request")
    return Response(row["body"], row["status"], content_type=row["content_type"])


def remember(database: sqlite3.Connection, request: Request, response: Response, now: int) -> None:
    """Keep the answer under the request's key, where it has one."""
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
    database.execute("INSERT OR REPLACE INTO remembered VALUES (?, ?, ?, ?, ?, ?)", kept)


def _fingerprint(request: Request) -> str:
    tenant = request.headers.get("xero-tenant-id", "").lower()
    whole = f"{tenant} {request.method} {request.full_path} ".encode() + request.get_data()
    return hashlib.sha256(whole).hexdigest()
