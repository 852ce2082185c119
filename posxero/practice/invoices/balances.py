"""What contacts owe: Balances as the answers about contacts have them. They move no timestamp of the contact."""

import json
import sqlite3
from collections.abc import Iterable
from decimal import Decimal

from posxero.practice import organisation_settings, xero_dates
from posxero.practice.organisations import TIME_ZONE
from posxero.practice.shapes import Json

HUNDREDTHS = Decimal(100)
SELECT_OWED = """
SELECT contact_id, sum(amount_due) AS outstanding, sum(CASE WHEN due < ? THEN amount_due ELSE 0 END) AS overdue
FROM invoice
WHERE tenant_id = ? AND status = 'AUTHORISED' AND contact_id IN (SELECT value FROM json_each(?))
GROUP BY contact_id
"""
SELECT_CREDIT = """
SELECT contact_id, sum(remaining) AS remaining FROM credit
WHERE tenant_id = ? AND status = 'AUTHORISED' AND contact_id IN (SELECT value FROM json_each(?))
GROUP BY contact_id
"""
SELECT_KNOWN = """
SELECT contact_id FROM invoice WHERE tenant_id = ?1 AND contact_id IN (SELECT value FROM json_each(?2))
UNION SELECT contact_id FROM credit WHERE tenant_id = ?1 AND contact_id IN (SELECT value FROM json_each(?2))
"""


def with_balances(database: sqlite3.Connection, tenant: str, contacts: Iterable[Json], now: int) -> list[Json]:
    """Return contacts with the Balances that invoices and credit make; those without either keep what they have.

    A draft is not owed; an invoice is overdue from the day after its due date.
    """
    listed = list(contacts)
    ids = json.dumps([contact["ContactID"] for contact in listed])
    known = {row["contact_id"] for row in database.execute(SELECT_KNOWN, (tenant, ids))}
    if not known:
        return listed
    today = xero_dates.midnight(xero_dates.date_in(TIME_ZONE, now))
    owed = {row["contact_id"]: row for row in database.execute(SELECT_OWED, (today, tenant, ids))}
    credit: dict[str, int] = {}
    if organisation_settings.get(database, tenant).is_open_credit_outstanding:
        credit = {row["contact_id"]: row["remaining"] for row in database.execute(SELECT_CREDIT, (tenant, ids))}
    return [
        contact | {"Balances": _balances(contact, owed.get(contact["ContactID"]), credit.get(contact["ContactID"], 0))}
        if contact["ContactID"] in known
        else contact
        for contact in listed
    ]


def _balances(contact: Json, owed: sqlite3.Row | None, credit: int) -> Json:
    outstanding, overdue = (owed["outstanding"], owed["overdue"]) if owed is not None else (0, 0)
    receivable = {"Outstanding": _amount(outstanding - credit), "Overdue": _amount(overdue)}
    payable = contact.get("Balances", {}).get("AccountsPayable", {"Outstanding": 0.0, "Overdue": 0.0})
    return {"AccountsReceivable": receivable, "AccountsPayable": payable}


def _amount(cents: int) -> float:
    return float(Decimal(cents) / HUNDREDTHS)
