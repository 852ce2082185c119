"""The migration that stores the kinds of refusals, on a database with links and sales that Xero refused."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

NOW = "2026-11-01 09:30:00"
BUSINESS = "INSERT INTO business (id, name, country, folded_country, created_at) VALUES (:business, 'K', '', '', :now)"
CONTACT = """INSERT INTO contact (business_id, id, name, name_key, search_text, version, revision, created_at,
    updated_at) VALUES (:business, :contact, 'Ann', '', '', 1, 1, :now, :now)"""
LINK = """INSERT INTO link (business_id, id, contact_id, tenant_id, xero_id, copy, sent_revision, linked_at, state,
    tries, reason, differs)
    VALUES (:business, :id, :contact, :tenant, :id, '{}', 1, :now, :state, 0, :reason, false)"""
REASONS = {
    "Another contact in Xero is called Ann. Change the name here, or rename it. Then press Try again.": "name_taken",
    "Another contact in Xero has this contact number already. Retail POS sets that number.": "number_taken",
    "Xero already has this contact under our number, but that one is linked to somebody else": "number_linked",
    "Xero does not accept this account number. Change it here and save. Xero says: “x”": "account_number",
    "Xero does not accept this name. Change it here and save. Xero says: “x”": "name",
    "Xero does not accept these details. Change them here and save. Xero says: “x”": "details",
    "Xero has two. Choose which of Xero's contacts this customer is, or add a new one.": "choice_needed",
    "Xero rejected this contact and gave no reason.": "",
}
SALE = """INSERT INTO sale (business_id, id, tenant_id, sent_revision, owed_revision, state, tries, number, contact_id,
    sold_on, due_on, currency, url, status, total, tax, amount_due, paid, xero_total, xero_status, created_at,
    created_by, reason)
    VALUES (:business, :id, :tenant, 1, 1, 'parked', 0, :number, :contact, '2026-11-01', '2026-12-20', 'NZD', '',
    'open', 1, 0, 1, 0, 1, '', :now, 'Sam', :reason)"""
REASONS_OF_SALES = {
    "Xero has other invoices with the number POS-1 and the ones before it. Choose another one.": "number_taken",
    "The books in Xero are locked for this date. Void this sale.": "locked",
    "The account is archived. Choose another one in Settings → Sales. Then press Try again.": "sales_settings",
    "Xero does not accept this sale.": "",
}
WAITING = "Xero does not accept this name."  # but it is not refused any more


def test_a_refusal_is_told_from_its_words_once(blank_url: str) -> None:
    upgrade(blank_url, "0034")
    engine = create_engine(blank_url, poolclass=NullPool)
    business, tenant = uuid4().hex, uuid4().hex
    with engine.begin() as connection:
        connection.execute(text(BUSINESS), {"business": business, "now": NOW})
        for reason in (*REASONS, WAITING):
            row = {"business": business, "tenant": tenant, "id": uuid4().hex, "contact": uuid4().hex, "now": NOW}
            connection.execute(text(CONTACT), row)
            state = "active" if reason == WAITING else "parked"
            connection.execute(text(LINK), row | {"reason": reason, "state": state})
        for reason in REASONS_OF_SALES:
            new = {"id": uuid4().hex, "number": uuid4().hex, "contact": row["contact"], "reason": reason}
            connection.execute(text(SALE), row | new)
    upgrade(blank_url)
    with engine.connect() as connection:
        links, sales = (connection.execute(text(f"SELECT reason, refusal FROM {one}")) for one in ("link", "sale"))  # noqa: S608
        assert dict(tuple(row) for row in links) == {**REASONS, WAITING: ""}
        assert dict(tuple(row) for row in sales) == REASONS_OF_SALES
