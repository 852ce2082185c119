"""The migration that counts again what merged customers owe."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.engine import prepare
from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

BUSINESS = "INSERT INTO business (id, name, country, folded_country, created_at) VALUES (:business, 'K', '', '', :now)"
CONTACT = """INSERT INTO contact (business_id, id, name, name_key, search_text, version, revision, owes, created_at,
    updated_at) VALUES (:business, :contact, :name, '', '', 1, 1, :owes, :now, :now)"""
SALE = """INSERT INTO sale (business_id, id, tenant_id, sent_revision, owed_revision, state, tries, number, contact_id,
        sold_on, due_on, currency, url, status, total, tax, amount_due, created_at, created_by)
    VALUES (:business, :business, :business, 1, 1, 'active', 0, '1', :contact, '2026-10-01', '2026-12-20', 'NZD', '',
        'open', :owes, 0, :owes, :now, 'Sam')"""
MERGE = """INSERT INTO contact_merge (business_id, id, survivor_id, loser_id, changed, merged_at, merged_by)
    VALUES (:business, :business, :survivor, :loser, '{}', :now, 'Mia')"""


def test_the_survivor_owes_what_was_moved_to_it(blank_url: str) -> None:
    upgrade(blank_url, "0035")
    engine = create_engine(blank_url, poolclass=NullPool)
    prepare(engine)
    minor = 100 if blank_url.startswith("sqlite") else 1
    ids = {"business": uuid4().hex, "now": datetime.now(UTC).replace(tzinfo=None)}
    ana, twin = uuid4(), uuid4()
    with engine.begin() as connection:
        connection.execute(text(BUSINESS), ids)
        for contact, name, owes in ((ana, "Ana", 0), (twin, "Anna", 34 * minor)):
            connection.execute(text(CONTACT), ids | {"contact": contact.hex, "name": name, "owes": owes})
        connection.execute(text(SALE), ids | {"contact": ana.hex, "owes": 34 * minor})
        connection.execute(text(MERGE), ids | {"survivor": ana.hex, "loser": twin.hex})
    upgrade(blank_url)
    with Session(engine) as session:
        rows = {row.id: (row.owes, row.last_sold_on) for row in session.scalars(select(Contact))}
    assert rows == {ana: (Decimal(34), date(2026, 10, 1)), twin: (Decimal(0), None)}
