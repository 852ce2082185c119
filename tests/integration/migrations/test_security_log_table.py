"""The migration that adds the security log, on a database with people who are signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

ROWS = (
    "INSERT INTO business (id, name, created_at) VALUES (:business, 'Kowhai', :now)",
    """INSERT INTO "user" (business_id, id, name, email, role, password_hash, created_at)
    VALUES (:business, :user, 'Olive', 'olive@shop.example', 'owner', 'x', :now)""",
    """INSERT INTO user_session (secret_hash, business_id, user_id, created_at, active_at)
    VALUES (:secret, :business, :user, :now, :now)""",
)


def test_sign_ins_go_on_and_get_an_id_each(blank_url: str) -> None:
    upgrade(blank_url, "0001")
    engine = create_engine(blank_url, poolclass=NullPool)
    at = datetime.now(UTC)
    with engine.begin() as connection:
        people = {"business": uuid4().hex, "user": uuid4().hex, "now": at.replace(tzinfo=None)}
        for statement in ROWS[:2]:
            connection.execute(text(statement), people)
        for secret in ("a" * 64, "b" * 64):
            connection.execute(text(ROWS[2]), {**people, "secret": secret})
    upgrade(blank_url)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT secret_hash, id, user_agent FROM user_session ORDER BY 1")).all()
        assert [(row[0][0], row[2]) for row in kept] == [("a", ""), ("b", "")]
        assert len({str(row[1]) for row in kept}) == 2
        assert connection.execute(text("SELECT security_alert_at FROM business")).scalar_one() is None
