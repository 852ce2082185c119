"""Apply what was sent to an invoice, new or held: omitted fields are kept, lines are replaced as a whole."""

import sqlite3
from typing import Any, Protocol
from uuid import uuid4

from msgspec import structs

from posxero.practice import chart, organisation_settings, xero_dates
from posxero.practice.invoices import lines, parsing
from posxero.practice.invoices.lines import LineRules
from posxero.practice.invoices.models import AUTHORISED, DRAFT, EXCLUSIVE, Invoice
from posxero.practice.organisations import TIME_ZONE
from posxero.practice.shapes import Json

FIRST_STATUS = DRAFT  # of an invoice that is sent without one
TEXT_FIELDS = {"InvoiceNumber": "number", "Reference": "reference", "Url": "url", "CurrencyCode": "currency"}
DATE_FIELDS = {"Date": "issued_on", "DueDate": "due_on", "ExpectedPaymentDate": "expected_payment_on"}


class DraftOptions(Protocol):
    """How an invoice is drafted."""

    @property
    def now(self) -> int:
        """Return the time in milliseconds since 1970."""

    @property
    def unit_places(self) -> int:
        """Return the decimal places of unit amounts."""

    @property
    def is_by_api(self) -> bool:
        """Return whether the API writes the invoice."""


def draft(
    database: sqlite3.Connection, tenant: str, sent: Json, held: Invoice | None, status: str, options: DraftOptions
) -> tuple[Invoice, list[str]]:
    """Return the invoice as it would be stored, without a contact if it is new, and the errors of its lines.

    Raises:
        MalformedElement: A value has the wrong type.
    """
    base = held or Invoice(
        invoice_id=str(uuid4()),
        contact_id="",
        issued_on=xero_dates.date_in(TIME_ZONE, options.now),
        status=status,
        currency=chart.BASE_CURRENCY,
        line_amount_types=EXCLUSIVE,
        is_by_api=options.is_by_api,
    )
    drafted = structs.replace(base, status=status, **_scalar_fields(sent))
    if drafted.number.lower() == base.number.lower():  # it named the invoice, and does not rename it
        drafted = structs.replace(drafted, number=base.number)
    rules = LineRules(
        accounts={each["Code"]: each for each in organisation_settings.list_accounts(database, tenant)},
        tax_rates={each["TaxType"]: each for each in organisation_settings.list_tax_rates(database, tenant)},
        line_amount_types=drafted.line_amount_types,
        unit_places=options.unit_places,
        is_approved=status == AUTHORISED,
    )
    sent_lines = parsing.entries(sent, "LineItems")
    is_recalculated = drafted.line_amount_types != base.line_amount_types or base.status != drafted.status
    if sent_lines is None and not is_recalculated:
        return drafted, []
    elements = [lines.as_sent(line) for line in base.lines] if sent_lines is None else sent_lines
    parsed, messages = lines.parse_lines(elements, base.lines, rules)
    return structs.replace(drafted, lines=parsed), messages


def _scalar_fields(sent: Json) -> dict[str, Any]:
    """Return the fields of an invoice that were sent; an empty number is none."""
    fields: dict[str, Any] = {}
    for key, name in TEXT_FIELDS.items():
        value = parsing.text(sent, key)
        if value is not None and (value or name != "number"):
            fields[name] = value
    for key, name in DATE_FIELDS.items():
        day = parsing.calendar_date(sent, key)
        if day is not None:
            fields[name] = day
    if sent.get("LineAmountTypes") is not None:
        written = parsing.text(sent, "LineAmountTypes") or ""
        fields["line_amount_types"] = LINE_AMOUNT_TYPES.get(written.lower(), written)
    if sent.get("SentToContact") is not None:
        fields["is_sent_to_contact"] = str(sent["SentToContact"]).lower() == "true"
    return fields


LINE_AMOUNT_TYPES = {"exclusive": "Exclusive", "inclusive": "Inclusive", "notax": "NoTax"}
