"""Xero's official SDK creates, reads, finds, changes and voids invoices in Practice Xero."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from xero_python.accounting import Contact, Invoice, Invoices
from xero_python.exceptions import AccountingBadRequestException

from tests.contract.conftest import Clock, Sdk
from tests.contract.invoices.conftest import CUSTOMER, create
from tests.support.practice_server import PracticeServer

TOTAL = Decimal("24.15")  # as recorded


def test_create_and_read_as_recorded(sdk: Sdk, sale: Invoice) -> None:
    (created,) = create(sdk, sale)
    assert (created.status, created.invoice_number) == ("AUTHORISED", "INV-0001")
    assert (created.sub_total, created.total_tax, created.total) == (Decimal(21), Decimal("3.15"), TOTAL)
    assert (created.amount_due, created.amount_paid) == (TOTAL, 0)
    assert (created.date, created.due_date) == (date(2026, 9, 14), date(2026, 9, 14))
    assert created.contact.is_customer is True
    (read,) = sdk.accounting.get_invoice(sdk.tenant, created.invoice_id).invoices
    (line,) = read.line_items
    assert (line.tax_type, line.tax_amount, line.line_amount, line.account_code) == (
        "OUTPUT2",
        Decimal("3.15"),
        Decimal(21),
        "200",
    )
    assert line.line_item_id == created.line_items[0].line_item_id
    assert (read.reference, read.currency_code.value, read.amount_credited) == ("Till 1", "NZD", 0)
    assert (read.payments, read.credit_notes) == ([], [])
    assert read.contact.name == CUSTOMER


def test_a_taken_number_is_a_validation_error(sdk: Sdk, sale: Invoice) -> None:
    sale.invoice_number = "POS-1"
    create(sdk, sale)
    with pytest.raises(AccountingBadRequestException) as refused:
        create(sdk, sale)
    assert refused.value.error_data["Type"] == "ValidationException"
    assert refused.value.reason == "Invoice # must be unique."


def test_a_batch_reports_each_element(sdk: Sdk, sale: Invoice) -> None:
    bad = Invoice(type="ACCREC", contact=sale.contact, line_items=[], status="AUTHORISED", date=sale.date)
    good, refused = create(sdk, sale, bad, summarize_errors=False)
    assert (good.status_attribute_string, good.has_errors) == ("OK", False)
    assert (refused.status_attribute_string, refused.has_errors) == ("ERROR", True)
    assert [each.message for each in refused.validation_errors] == [
        "The document DueDate field must be specified.",
        "One or more line items must be specified",
    ]


def test_a_key_creates_one_invoice(sdk: Sdk, sale: Invoice) -> None:
    first = create(sdk, sale, idempotency_key="sale 1")
    again = create(sdk, sale, idempotency_key="sale 1")
    assert [each.invoice_id for each in first] == [each.invoice_id for each in again]
    assert len(sdk.accounting.get_invoices(sdk.tenant).invoices) == 1


def test_filters(sdk: Sdk, sale: Invoice, practice: PracticeServer, clock: Clock) -> None:
    sale.invoice_number, sale.reference = "POS-1", "Till 1"
    (first,) = create(sdk, sale)
    other = practice.named("Aroha Ngata")["ContactID"]
    sale.invoice_number, sale.reference, sale.contact = "POS-2", "Till 2", Contact(contact_id=other)
    sale.status = "DRAFT"
    clock.forward(minutes=5)
    create(sdk, sale)

    def found(**asked: object) -> list[str]:
        return [each.invoice_number for each in sdk.accounting.get_invoices(sdk.tenant, **asked).invoices]

    assert found() == ["POS-1", "POS-2"]
    assert found(invoice_numbers=["pos-1", "POS-9"]) == ["POS-1"]
    assert found(i_ds=[first.invoice_id]) == ["POS-1"]
    assert found(contact_i_ds=[other]) == ["POS-2"]
    assert found(statuses=["DRAFT", "PAID"]) == ["POS-2"]
    assert found(where='Reference=="till 2"') == ["POS-2"]
    assert found(where="AmountDue==24.15&&Date>=DateTime(2026,9,14)", order="InvoiceNumber DESC") == ["POS-2", "POS-1"]
    assert found(where=f'Contact.ContactID==Guid("{other}")') == ["POS-2"]
    assert found(search_term="POS", page=2, page_size=1) == ["POS-2"]
    assert found(created_by_my_app=True, page=1) == ["POS-1", "POS-2"]
    assert found(if_modified_since=(clock() - timedelta(seconds=5)).replace(tzinfo=None)) == ["POS-2"]


def test_lines_are_in_pages_only(sdk: Sdk, sale: Invoice) -> None:
    create(sdk, sale)
    (listed,) = sdk.accounting.get_invoices(sdk.tenant).invoices
    (paged,) = sdk.accounting.get_invoices(sdk.tenant, page=1).invoices
    (summary,) = sdk.accounting.get_invoices(sdk.tenant, summary_only=True).invoices
    assert (listed.line_items, len(paged.line_items), summary.line_items) == ([], 1, None)
    assert (summary.total, summary.payments) == (TOTAL, None)
    assert (paged.contact.name, paged.contact.contact_status) == (CUSTOMER, None)


def test_void_keeps_total_and_amount_due(sdk: Sdk, sale: Invoice) -> None:
    (created,) = create(sdk, sale)
    change = Invoices(invoices=[Invoice(invoice_id=created.invoice_id, status="VOIDED")])
    (voided,) = sdk.accounting.update_invoice(sdk.tenant, created.invoice_id, change).invoices
    assert (voided.status, voided.total, voided.amount_due) == ("VOIDED", TOTAL, TOTAL)
    with pytest.raises(AccountingBadRequestException) as refused:
        sdk.accounting.update_invoice(sdk.tenant, created.invoice_id, change)
    assert refused.value.reason == "Invoice not of valid status for modification"
