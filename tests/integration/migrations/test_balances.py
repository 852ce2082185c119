"""The migration that counts what customers owe, on a database with sales."""

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
from posxero.db.sale import Sale

pytestmark = pytest.mark.slow

BUSINESS = "INSERT INTO business (id, name, country, folded_country, created_at) VALUES (:business, 'K', '', '', :now)"
CONTACT = """INSERT INTO contact (business_id, id, name, name_key, search_text, version, revision, created_at,
    updated_at) VALUES (:business, :contact, :name, '', '', 1, 1, :now, :now)"""
SALE = """INSERT INTO sale (business_id, id, tenant_id, sent_revision, owed_revision, state, tries, number, contact_id,
        sold_on, due_on, currency, url, status, total, tax, amount_due, paid, xero_total, xero_status, created_at,
        created_by)
    VALUES (:business, :sale, :business, 1, 1, 'active', 0, :number, :contact, :sold_on, '2026-12-20', 'NZD', '',
        :status, :total, 0, :due, :paid, :total, :xero_status, :now, 'Sam')"""


def test_customers_get_what_they_owe_and_when_they_were_last_sold_to(blank_url: str) -> None:
    upgrade(blank_url, "0021")
    engine = create_engine(blank_url, poolclass=NullPool)
    prepare(engine)
    minor = 100 if blank_url.startswith("sqlite") else 1
    ids = {"business": uuid4().hex, "now": datetime.now(UTC).replace(tzinfo=None)}
    ann, bea = uuid4(), uuid4()
    with engine.begin() as connection:
        connection.execute(text(BUSINESS), ids)
        for contact, name in ((ann, "Ann"), (bea, "Bea")):
            connection.execute(text(CONTACT), ids | {"contact": contact.hex, "name": name})
        for number, status, sold_on, due in (("1", "open", "2026-10-01", 30), ("2", "voided", "2026-11-01", 0)):
            columns = {"sale": uuid4().hex, "number": number, "contact": ann.hex, "sold_on": sold_on, "status": status}
            money = {"total": 40 * minor, "due": due * minor, "paid": 10 * minor}
            xero_status = "AUTHORISED" if status == "open" else "VOIDED"
            connection.execute(text(SALE), ids | columns | money | {"xero_status": xero_status})
    upgrade(blank_url)
    with Session(engine) as session:
        rows = {row.id: (row.owes, row.last_sold_on) for row in session.scalars(select(Contact))}
        assert rows == {ann: (Decimal(30), date(2026, 10, 1)), bea: (Decimal(0), None)}
        assert {sale.number: sale.xero_due for sale in session.scalars(select(Sale))} == {"1": Decimal(30), "2": 0}
