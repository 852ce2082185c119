"""The migration that turns kept forms into drafts, on a database that holds some."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

ROWS = (
    "INSERT INTO business (id, name, created_at) VALUES (:business, 'Kowhai', :now)",
    """INSERT INTO "user" (business_id, id, name, email, role, password_hash, created_at)
    VALUES (:business, :user, 'Olive', 'olive@shop.example', 'owner', 'x', :now)""",
)
KEPT = """
    INSERT INTO kept_form (business_id, id, user_id, kind, contact_id, fields, version, token, kept_at)
    VALUES (:business, :id, :user, :kind, NULL, :fields, 0, '', :at)
"""


def test_the_newest_kept_form_of_each_place_becomes_its_draft(blank_url: str) -> None:
    upgrade(blank_url, "0005")
    engine = create_engine(blank_url, poolclass=NullPool)
    now = datetime.now(UTC).replace(tzinfo=None)
    person = {"business": uuid4().hex, "user": uuid4().hex, "now": now}
    with engine.begin() as connection:
        for statement in ROWS:
            connection.execute(text(statement), person)
        for minutes, kind, name in ((3, "customer", "Old"), (1, "customer", "Zoe"), (2, "supplier", "Mill")):
            row = {"id": uuid4().hex, "kind": kind, "fields": json.dumps({"name": name})}
            connection.execute(text(KEPT), {**person, **row, "at": now - timedelta(minutes=minutes)})
    upgrade(blank_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT kind, fields, started_at = saved_at FROM draft ORDER BY kind")).all()
    drafts = [
        (kind, json.loads(fields) if isinstance(fields, str) else fields, bool(same)) for kind, fields, same in found
    ]
    assert drafts == [("customer", {"name": "Zoe"}, True), ("supplier", {"name": "Mill"}, True)]
