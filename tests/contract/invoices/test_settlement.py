"""Payments, overpayments and credit notes, and what they do to an invoice and to what a customer owes."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from xero_python.accounting import Invoice

from tests.contract.conftest import Clock, Sdk
from tests.contract.invoices.conftest import InvoiceApi, create
from tests.support.practice_server import PracticeServer


def refusal(change: httpx2.HTTPStatusError) -> list[str]:
    assert change.response.status_code == 409
    errors: list[str] = change.response.json()["errors"]
    return errors


@pytest.fixture
def invoice_id(invoices: InvoiceApi) -> str:
    """An invoice of 115.00 that was created by the API."""
    created: str = invoices.create()["InvoiceID"]
    return created


def test_the_sdk_reads_a_part_payment(sdk: Sdk, sale: Invoice, practice: PracticeServer, clock: Clock) -> None:
    (created,) = create(sdk, sale)
    clock.forward(minutes=5)
    practice.pay(created.invoice_id, "10.00", reference="Eftpos")
    (read,) = sdk.accounting.get_invoice(sdk.tenant, created.invoice_id).invoices
    assert (read.status, read.amount_paid, read.amount_due) == ("AUTHORISED", Decimal(10), Decimal("14.15"))
    (entry,) = read.payments
    (payment,) = sdk.accounting.get_payments(sdk.tenant).payments
    assert (entry.payment_id, entry.date, entry.amount) == (payment.payment_id, date(2026, 9, 14), Decimal(10))
    assert (payment.reference, payment.payment_type, payment.account.code) == ("Eftpos", "ACCRECPAYMENT", "090")
    assert (payment.invoice.invoice_number, payment.invoice.contact.name) == (read.invoice_number, read.contact.name)
    assert payment.updated_date_utc == read.updated_date_utc
    assert sdk.accounting.get_payment(sdk.tenant, payment.payment_id).payments[0].amount == Decimal(10)
    assert sdk.accounting.get_payments(sdk.tenant, where="Amount>10").payments == []


def test_a_paid_invoice(invoices: InvoiceApi, practice: PracticeServer, invoice_id: str) -> None:
    practice.pay(invoice_id, "100.00")
    practice.pay(invoice_id, date="2026-09-20")
    read = invoices.read(invoice_id)
    assert (read["Status"], read["AmountPaid"], read["AmountDue"]) == ("PAID", 115.0, 0.0)
    assert read["FullyPaidOnDate"] == "/Date(1789862400000+0000)/"
    assert [payment["Amount"] for payment in read["Payments"]] == [100.0, 15.0]
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        practice.pay(invoice_id, "1.00")
    assert refusal(refused.value) == ["Payments can only be made against Authorised documents"]


def test_a_removed_payment_is_due_again(invoices: InvoiceApi, practice: PracticeServer, invoice_id: str) -> None:
    paid = practice.pay(invoice_id)
    practice.unpay(invoice_id, paid["Payments"][0]["PaymentID"])
    read = invoices.read(invoice_id)
    assert (read["Status"], read["AmountDue"], read["Payments"]) == ("AUTHORISED", 115.0, [])
    assert "FullyPaidOnDate" not in read


def test_an_overpayment_has_remaining_credit_for_another_invoice(
    sdk: Sdk, invoices: InvoiceApi, practice: PracticeServer, invoice_id: str
) -> None:
    practice.pay(invoice_id, "150.00")
    assert invoices.owed() == (-35.0, 0.0)
    (overpayment,) = sdk.accounting.get_overpayments(sdk.tenant).overpayments
    assert (overpayment.total, overpayment.remaining_credit) == (Decimal(35), Decimal(35))
    second = invoices.create()["InvoiceID"]
    practice.allocate(overpayment.overpayment_id, second)
    read = invoices.read(second)
    assert (read["Status"], read["AmountCredited"], read["AmountDue"]) == ("AUTHORISED", 35.0, 80.0)
    assert [each["AppliedAmount"] for each in read["Overpayments"]] == [35.0]
    (used,) = sdk.accounting.get_overpayment(sdk.tenant, overpayment.overpayment_id).overpayments
    assert (used.status, used.remaining_credit, used.allocations[0].amount) == ("PAID", 0, Decimal(35))
    assert invoices.owed() == (80.0, 0.0)


def test_a_credit_note_pays_as_recorded(
    sdk: Sdk, invoices: InvoiceApi, practice: PracticeServer, invoice_id: str
) -> None:
    practice.credit(invoice_id)
    read = invoices.read(invoice_id)
    assert (read["Status"], read["AmountCredited"], read["AmountPaid"], read["AmountDue"]) == ("PAID", 115.0, 0.0, 0.0)
    (entry,) = read["CreditNotes"]
    assert (entry["AppliedAmount"], entry["CreditNoteNumber"]) == (115.0, "CN-0001")
    (note,) = sdk.accounting.get_credit_notes(sdk.tenant, page=1).credit_notes
    assert (note.type, note.status, note.remaining_credit) == ("ACCRECCREDIT", "PAID", 0)
    assert (note.total, note.total_tax, note.line_items[0].account_code) == (Decimal(115), Decimal(15), "200")
    assert invoices.owed() == (0.0, 0.0)


def test_credit_that_exceeds_what_is_due_remains(
    invoices: InvoiceApi, practice: PracticeServer, invoice_id: str
) -> None:
    practice.credit(invoice_id, "120.00")
    assert (invoices.read(invoice_id)["AmountCredited"], invoices.owed()) == (115.0, (-5.0, 0.0))
    practice.change_settings(is_open_credit_outstanding=False)
    assert invoices.owed() == (0.0, 0.0)


def test_credit_for_no_invoice(invoices: InvoiceApi, practice: PracticeServer, invoice_id: str) -> None:
    note = practice.add_credit(invoices.contact_id, "20.00")
    assert (note["RemainingCredit"], invoices.owed()) == (20.0, (95.0, 0.0))
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        practice.allocate(note["CreditNoteID"], invoice_id, "20.01")
    assert refusal(refused.value) == ["Payment amount exceeds the amount outstanding on this document"]


def test_credit_of_a_contact_without_invoices(invoices: InvoiceApi, practice: PracticeServer) -> None:
    practice.add_credit(invoices.contact_id, "20.00", "Overpayment")
    assert invoices.owed() == (-20.0, 0.0)


def test_what_is_paid_can_be_neither_voided_nor_changed(
    invoices: InvoiceApi, practice: PracticeServer, invoice_id: str
) -> None:
    practice.pay(invoice_id, "1.00")
    change: dict[str, Any] = {"InvoiceID": invoice_id}
    assert invoices.refusals(change | {"Status": "VOIDED"}, "POST") == [
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it."
    ]
    lines = [{"Description": "Other", "UnitAmount": 1, "AccountCode": "200"}]
    assert invoices.refusals(change | {"LineItems": lines}, "POST") == [
        "This document cannot be edited as it has a payment or credit note allocated to it."
    ]
    assert invoices.send("POST", change | {"Reference": "Still free"}).status_code == 200
    assert invoices.read(invoice_id)["Reference"] == "Still free"


def test_a_payment_in_a_locked_period_is_refused(practice: PracticeServer, invoice_id: str) -> None:
    practice.set_lock_date("2026-09-30")
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        practice.pay(invoice_id)
    assert "period lock date, currently set at 30-Sep-2026" in refusal(refused.value)[0]


def test_a_contact_owes_what_is_approved_and_not_settled(
    invoices: InvoiceApi, practice: PracticeServer, clock: Clock
) -> None:
    before = practice.contact(invoices.contact_id)["UpdatedDateUTC"]
    clock.forward(minutes=1)
    invoices.create(DueDate="2026-09-14")
    invoices.create(Status="DRAFT")
    voided = invoices.create()["InvoiceID"]
    assert invoices.owed() == (230.0, 0.0)
    practice.void(voided)
    assert invoices.owed() == (115.0, 0.0)
    clock.forward(hours=3)  # past midnight in New Zealand
    invoices.api.http.headers["Authorization"] = f"Bearer {practice.tokens()['access_token']}"
    assert invoices.owed() == (115.0, 115.0)
    contact = practice.contact(invoices.contact_id)
    assert (contact["UpdatedDateUTC"], contact["IsCustomer"]) == (before, True)


def test_a_merge_moves_the_invoices(invoices: InvoiceApi, practice: PracticeServer, invoice_id: str) -> None:
    winner = practice.named("Aroha Ngata")["ContactID"]
    practice.act(invoices.contact_id, "merge", into=winner)
    assert invoices.read(invoice_id)["Contact"]["ContactID"] == winner
    assert invoices.numbers(ContactIDs=winner) == ["INV-0001"]
