"""Make the documents of a credit: credit notes and overpayments."""

import sqlite3
from datetime import date
from decimal import Decimal
from uuid import uuid4

from posxero.practice import chart
from posxero.practice.invoices import amounts, numbering
from posxero.practice.invoices.models import (
    AUTHORISED,
    CREDIT_NOTE,
    INCLUSIVE,
    NO_TAX,
    OVERPAYMENT,
    Credit,
    Invoice,
    LineItem,
)

DEBTORS_ACCOUNT = "610"
SALES_ACCOUNT, SALES_TAX_TYPE = "200", "OUTPUT2"


def new_overpayment(contact_id: str, amount: Decimal, reference: str, paid_on: date) -> Credit:
    """Return an overpayment, which has no tax and is applied to nothing yet."""
    line = LineItem(
        line_item_id=str(uuid4()),
        description="Overpayment",
        quantity=amounts.ONE,
        unit_amount=amount,
        line_amount=amount,
        tax_type="NONE",
        account_code=DEBTORS_ACCOUNT,
    )
    return Credit(
        credit_id=str(uuid4()),
        kind=OVERPAYMENT,
        contact_id=contact_id,
        issued_on=paid_on,
        status=AUTHORISED,
        reference=reference,
        line_amount_types=NO_TAX,
        lines=[line],
    )


def new_credit_note(
    database: sqlite3.Connection, tenant: str, invoice: Invoice, amount: Decimal, reference: str, issued_on: date
) -> Credit:
    """Return a credit note of an amount with tax, with account and tax type of the invoice's first line."""
    first = next((line for line in invoice.lines if line.account_code), None)
    account, tax_type = (first.account_code, first.tax_type) if first else (SALES_ACCOUNT, SALES_TAX_TYPE)
    line = _credited_line(f"Credit for {invoice.number}", amount, account, tax_type)
    return _credit_note(database, tenant, invoice.contact_id, line, reference or invoice.number, issued_on)


def new_open_credit_note(
    database: sqlite3.Connection, tenant: str, contact_id: str, amount: Decimal, issued_on: date
) -> Credit:
    """Return a credit note of an amount with tax that is for no invoice."""
    line = _credited_line("Credit", amount, SALES_ACCOUNT, SALES_TAX_TYPE)
    return _credit_note(database, tenant, contact_id, line, "", issued_on)


def _credited_line(description: str, amount: Decimal, account: str, tax_type: str) -> LineItem:
    rates = {rate["TaxType"]: Decimal(str(rate["EffectiveRate"])) for rate in chart.tax_rates()}
    return LineItem(
        line_item_id=str(uuid4()),
        description=description,
        quantity=amounts.ONE,
        unit_amount=amount,
        line_amount=amount,
        tax_type=tax_type,
        tax_amount=amounts.line_tax(amount, rates[tax_type], INCLUSIVE),
        account_code=account,
    )


def _credit_note(
    database: sqlite3.Connection, tenant: str, contact_id: str, line: LineItem, reference: str, issued_on: date
) -> Credit:
    return Credit(
        credit_id=str(uuid4()),
        kind=CREDIT_NOTE,
        contact_id=contact_id,
        issued_on=issued_on,
        status=AUTHORISED,
        number=numbering.next_credit_note_number(database, tenant),
        reference=reference,
        line_amount_types=INCLUSIVE,
        lines=[line],
    )
