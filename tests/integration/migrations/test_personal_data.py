"""The migration that takes the names of customers out of the security log."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

EVENT = text("""INSERT INTO security_event (business_id, id, at, kind, actor, subject, detail, address)
    VALUES (:business, :id, '2026-11-01 10:00', :kind, 'Olive', :subject, '', '')""")


def test_the_log_no_longer_names_customers_and_stays_append_only(blank_url: str) -> None:
    upgrade(blank_url, "0021")
    engine, business = create_engine(blank_url, poolclass=NullPool), uuid4().hex
    events = [("exported", "History of Ann"), ("exported", "History of everyone"), ("user_added", "History of Bo")]
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO business (id, name, created_at) VALUES (:id, 'Kowhai', '2026-11-01 10:00')"),
            {"id": business},
        )
        for kind, subject in events:
            values = {"business": business, "id": uuid4().hex, "kind": kind, "subject": subject}
            connection.execute(EVENT, values)
    upgrade(blank_url)
    with engine.connect() as connection:
        subjects = set(connection.scalars(text("SELECT subject FROM security_event")))
    assert subjects == {"History of one customer or supplier", "History of everyone", "History of Bo"}
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("UPDATE security_event SET subject = ''"))
