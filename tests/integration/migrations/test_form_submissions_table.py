"""The migration that brings saved contact forms and started imports into one table, on a database that holds some."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

NUMBERS = "page, page_size, page_count, total, read, to_add, settled, added, linked, already_linked, left_out, skipped"
BUSINESS = "INSERT INTO business (id, name, created_at) VALUES (:business, 'Kowhai', :now)"
USER = """INSERT INTO "user" (business_id, id, name, email, role, password_hash, created_at)
    VALUES (:business, :user, 'Olive', 'olive@shop.example', 'owner', 'x', :now)"""
DRAFT = """INSERT INTO draft (business_id, id, user_id, kind, contact_id, fields, version, token, started_at, saved_at)
    VALUES (:business, :user, :user, 'customer', NULL, '{}', 0, 'typed', :now, :now)"""
SAVED = "INSERT INTO saved_form (business_id, token, contact_id, created_at) VALUES (:business, :key, :result, :at)"
STARTED = f"""INSERT INTO import (business_id, id, tenant_id, organisation, phase, phase_at, started_by, started_at,
    finished_at, token, {NUMBERS}, refused, tries)
    VALUES (:business, :result, :business, 'Kowhai', 'finished', :at, 'Olive', :at, :at, :key{", 0" * 14})"""  # noqa: S608 - column names of this module


def test_the_keys_of_both_are_kept_with_what_they_created(blank_url: str) -> None:
    upgrade(blank_url, "0011")
    engine = create_engine(blank_url, poolclass=NullPool)
    now = datetime.now(UTC).replace(tzinfo=None)
    own = {"business": uuid4().hex, "user": uuid4().hex, "now": now}
    ids = [uuid4().hex for _ in range(6)]
    rows = [
        (SAVED, "contact", ids[0], 9),
        (SAVED, "both", ids[1], 8),
        (STARTED, "both", ids[2], 7),
        (STARTED, "import", ids[3], 6),
        (STARTED, "import", ids[4], 5),  # the same form, after the first import had finished
        (STARTED, "", ids[5], 4),  # started from the command line
    ]
    with engine.begin() as connection:
        for statement in (BUSINESS, USER, DRAFT):
            connection.execute(text(statement), own)
        for statement, key, result, minutes in rows:
            row = {"business": own["business"], "key": key, "result": result, "at": now - timedelta(minutes=minutes)}
            connection.execute(text(statement), row)
    upgrade(blank_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT idempotency_key, purpose, result_id FROM form_submission")).all()
        imports = connection.scalar(text("SELECT count(*) FROM import"))
        drafts = connection.scalars(text("SELECT idempotency_key FROM draft")).all()
    kept = {key: (purpose, UUID(str(result)).hex) for key, purpose, result in found}
    assert kept == {"contact": ("contact", ids[0]), "both": ("contact", ids[1]), "import": ("import", ids[4])}
    assert (imports, drafts) == (4, ["typed"])
    assert "uq_import_running" in {index["name"] for index in inspect(engine).get_indexes("import")}
    assert not inspect(engine).has_table("saved_form")
