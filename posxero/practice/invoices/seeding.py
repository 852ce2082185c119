"""The first invoices of a new organisation: one that is due, one overdue, one paid, one credited in part."""

import sqlite3
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from posxero.practice import records, xero_dates
from posxero.practice.invoices import settlement, writing
from posxero.practice.invoices.models import Invoice
from posxero.practice.organisations import TIME_ZONE

if TYPE_CHECKING:
    from posxero.practice.shapes import Json

DAYS_DUE = 30
SEEDED = (  # customer, days ago, what was sold, price with tax
    ("Bayside Wholesale Club", 45, "Rain jackets", "120.00"),
    ("Bayside Wholesale Club", 10, "Hiking boots", "640.00"),
    ("Aroha Ngata", 20, "Woollen hat", "86.50"),
    ("Smith, Jones & Partners", 5, "Fleece vests", "230.00"),
)
PAID, CREDITED = 2, 3  # places in SEEDED


def seed_invoices(database: sqlite3.Connection, tenant: str, now: int) -> None:
    """Add the invoices within the caller's transaction, those of customers that the organisation has."""
    added = [_add(database, tenant, now, *seeded) for seeded in SEEDED]
    context = settlement.Settlement(database, tenant, now)
    if (paid := added[PAID]) is not None:
        settlement.pay(context, paid, paid.amount_due)
    if (credited := added[CREDITED]) is not None:
        settlement.credit(context, credited, Decimal("30.00"))


def _add(
    database: sqlite3.Connection, tenant: str, now: int, name: str, days_ago: int, description: str, price: str
) -> Invoice | None:
    contact = next(iter(records.by_active_name(database, tenant, name)), None)
    if contact is None:
        return None
    issued_on = xero_dates.date_in(TIME_ZONE, now) - timedelta(days=days_ago)
    line: Json = {"Description": description, "UnitAmount": price, "AccountCode": "200"}
    sent: Json = {
        "Contact": {"ContactID": contact["ContactID"]},
        "LineItems": [line],
        "LineAmountTypes": "Inclusive",
        "Date": str(issued_on),
        "DueDate": str(issued_on + timedelta(days=DAYS_DUE)),
        "Status": "AUTHORISED",
    }
    context = writing.WriteContext(database, tenant, now, is_by_api=False)
    return writing.write_invoice(context, sent, create=True).invoice
