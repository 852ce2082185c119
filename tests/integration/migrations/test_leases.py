"""The migration that stores when a lease was taken, on a database with leases."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

NOW, UNTIL = "2026-11-01 09:30:00", "2026-11-01 09:30:30"
GRANT = """INSERT INTO "grant" (id, tokens, token_version, expires_at, refreshed_at, scopes, auth_event_id, lease_token,
    lease_until) VALUES (:id, :tokens, 1, :now, :now, '', '', :token, :until)"""
IMPORT = """INSERT INTO import (business_id, id, tenant_id, organisation, phase, phase_at, started_by, started_at, page,
    page_size, page_count, total, read, to_add, settled, added, linked, already_linked, left_out, skipped, refused,
    tries, finished_at, heartbeat_at, lease_token, lease_until)
    VALUES (:business, :id, :id, 'Kowhai', 'reading', :now, 'Olive', :now, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    :finished, :now, :token, :until)"""


def test_leases_keep_their_length(blank_url: str) -> None:
    upgrade(blank_url, "0011")
    engine = create_engine(blank_url, poolclass=NullPool)
    new = {"business": uuid4().hex, "now": NOW, "tokens": b"sealed"}
    leased = {"token": uuid4().hex, "until": UNTIL, "finished": None}
    free = {"token": None, "until": None, "finished": NOW}
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO business (id, name, created_at) VALUES (:business, 'Kowhai', :now)"), new)
        for lease in (leased, free):
            for statement in (GRANT, IMPORT):
                connection.execute(text(statement), new | lease | {"id": uuid4().hex})
    upgrade(blank_url)
    with engine.connect() as connection:
        for table in ("grant", "import"):
            rows = connection.execute(text(f'SELECT lease_until, leased_at FROM "{table}"')).all()  # noqa: S608 - a constant
            found = {str(until)[:19]: str(began)[:19] for until, began in rows}
            assert found == {UNTIL: NOW, "None": "None"}
