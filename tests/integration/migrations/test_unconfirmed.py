"""The migration that renames columns of links, on a database with a merge, which keeps columns by name."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from posxero.db.migrate import upgrade
from tests.integration.migrations.test_balances import BUSINESS, CONTACT

pytestmark = pytest.mark.slow

MERGE = """INSERT INTO contact_merge (business_id, id, survivor_id, loser_id, changed, merged_at, merged_by)
    VALUES (:business, :contact, :contact, :contact, :changed, :now, 'Olive')"""


def test_a_merge_from_before_names_the_columns_as_they_are_now(blank_url: str) -> None:
    upgrade(blank_url, "0028")
    engine, business, contact = create_engine(blank_url, poolclass=NullPool), uuid4().hex, uuid4().hex
    before = {"link": {"1": {"doubted": [[], []], "reason": ["", 'He said "doubted": twice']}}}
    values = {"business": business, "contact": contact, "name": "Ann", "now": "2026-11-01 10:00"}
    with engine.begin() as connection:
        connection.execute(text(BUSINESS), values)
        connection.execute(text(CONTACT), values)
        connection.execute(text(MERGE), values | {"changed": json.dumps(before)})
    upgrade(blank_url)
    with engine.connect() as connection:
        changed = connection.scalar(text("SELECT changed FROM contact_merge"))
    after = json.loads(changed) if isinstance(changed, str) else changed
    assert after == {"link": {"1": {"unconfirmed": [[], []], "reason": ["", 'He said "doubted": twice']}}}
