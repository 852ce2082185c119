"""The invoice pages of Practice Xero: the list, an invoice with its buttons, the contact's invoices, the settings."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.contract.conftest import Clock
from tests.contract.invoices.conftest import InvoiceApi
from tests.support.practice_server import PracticeServer

CODE = "!Kw1Ot"


def seen(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def invoice_id(invoices: InvoiceApi) -> str:
    created: str = invoices.create(Reference="Till <1>", Url="https://shop.example/sales/7")["InvoiceID"]
    return created


def press(practice: PracticeServer, invoice_id: str, action: str, **form: str) -> str:
    """Press a button of an invoice's page and return what the page then says."""
    url = f"/app/{CODE}/invoicing/view/{invoice_id}"
    answer = practice.http.post(f"{url}/{action}", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, url)
    return seen(practice.http.get(url).text)


def test_the_list_finds_by_number_and_reference(practice: PracticeServer, invoice_id: str) -> None:
    page = practice.http.get("/invoices", params={"q": "till"}).text
    assert f"/app/{CODE}/invoicing/view/{invoice_id}" in page
    assert "INV-0001 Only a Name 2026-09-14 2026-10-20 Authorised 115.00 115.00" in seen(page)
    assert "No invoice is like that." in practice.http.get("/invoices", params={"q": "zzz"}).text
    assert practice.http.get("/invoices", params={"org": "!nobody"}).status_code == 404


def test_an_invoice_shows_lines_and_totals(practice: PracticeServer, invoice_id: str) -> None:
    answer = practice.http.get(f"/app/{CODE}/invoicing/view/{invoice_id}")
    shown = seen(answer.text)
    assert "Goods 1 115.00 200 OUTPUT2 115.00" in shown
    assert "Subtotal 100.00 Includes tax 15.00 Total NZD 115.00 Paid 0.00 Credited 0.00 Amount due 115.00" in shown
    assert "Till &lt;1&gt;" in answer.text
    assert 'href="https://shop.example/sales/7"' in answer.text
    assert practice.http.get(f"/app/!nobody/invoicing/view/{invoice_id}").status_code == 404


def test_payments_by_button_and_by_amount(practice: PracticeServer, invoice_id: str) -> None:
    assert "Paid 57.50 Credited 0.00 Amount due 57.50" in press(practice, invoice_id, "pay", share="half")
    shown = press(practice, invoice_id, "pay", amount="7.5", date="2026-09-12", reference="Cash")
    assert "2026-09-12: 7.50 paid Cash" in shown
    assert "Paid Customer" in press(practice, invoice_id, "pay", share="all")
    payment = practice.invoice(invoice_id)["Payments"][0]["PaymentID"]
    assert "Amount due 57.50" in press(practice, invoice_id, "unpay", payment=payment)


def test_an_overpayment_is_applied_to_the_next_invoice(
    practice: PracticeServer, invoices: InvoiceApi, invoice_id: str
) -> None:
    press(practice, invoice_id, "pay", share="over")
    following = invoices.create()["InvoiceID"]
    page = practice.http.get(f"/app/{CODE}/invoicing/view/{following}").text
    assert "Apply 10.00 of an overpayment" in seen(page)
    (credit,) = re.findall(r'name="credit" value="([^"]+)"', page)
    assert "10.00 of an overpayment" in press(practice, following, "allocate", credit=credit)
    assert practice.invoice(following)["AmountDue"] == 105.0


def test_a_credit_note_by_button(practice: PracticeServer, invoice_id: str) -> None:
    shown = press(practice, invoice_id, "credit", share="all")
    assert "115.00 of credit note CN-0001" in shown
    assert "Credited 115.00 Amount due 0.00" in shown
    assert "has payments or credit notes allocated to it." in press(practice, invoice_id, "void")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"amount": ""}, "The amount isn't valid."),
        ({"amount": "ten"}, "The amount isn't valid."),
        ({"amount": "0"}, "The amount must be greater than zero"),
        ({"amount": "1", "date": "soon"}, "The date isn't valid."),
        ({"amount": "1", "date": "2009-01-01"}, "cannot be before the period lock date"),
    ],
)
def test_refused_amounts(practice: PracticeServer, invoice_id: str, form: dict[str, str], message: str) -> None:
    assert message in press(practice, invoice_id, "pay", **form)
    assert practice.invoice(invoice_id)["AmountDue"] == 115.0


def test_void_and_approve(practice: PracticeServer, invoices: InvoiceApi, invoice_id: str) -> None:
    assert "Voided Customer" in press(practice, invoice_id, "void")
    draft = invoices.create(Status="DRAFT")["InvoiceID"]
    assert "Authorised Customer" in press(practice, draft, "approve")


def test_a_contact_shows_invoices_and_balance(practice: PracticeServer, invoices: InvoiceApi, invoice_id: str) -> None:
    practice.pay(invoice_id, "120.00")
    invoices.create()
    shown = seen(practice.http.get(f"/app/{CODE}/contacts/contact/{invoices.contact_id}").text)
    assert "INV-0002 2026-09-14 2026-10-20 Authorised 115.00 115.00" in shown
    assert "Overpayment of 2026-09-14: 5.00 of 5.00 remains" in shown
    assert "accounts receivable · outstanding 110.0" in shown


def test_the_settings_page(practice: PracticeServer, invoices: InvoiceApi) -> None:
    url = f"/app/{CODE}/settings"
    assert 'value="2009-09-30"' in practice.http.get(url).text
    form = {"period_lock_date": "2026-09-14", "approval_status": "DRAFT", "archived_accounts": "200"}
    assert practice.http.post(url, data=form | {"retired_tax_types": "OUTPUT2"}).headers["Location"] == url
    assert len(invoices.refusals(invoices.element())) == 2
    practice.http.post(url, data={"approval_status": "DRAFT"})
    assert invoices.create()["Status"] == "DRAFT"
    assert len(invoices.refusals(invoices.element(CurrencyCode="AUD"))) == 1
    practice.http.post(url, data={"added_currencies": ["AUD", "USD"]})
    assert invoices.create(CurrencyCode="AUD")["CurrencyCode"] == "AUD"
    assert practice.http.get(url).text.count("checked") == 2
    refused = practice.http.post(url, data={"period_lock_date": "31/3/2026"})
    assert (refused.status_code, 'value="31/3/2026"' in refused.text) == (422, True)
    assert practice.http.get("/app/!nobody/settings").status_code == 404


def test_a_new_file_may_have_invoices(tmp_path: Path, clock: Clock) -> None:
    server = PracticeServer(tmp_path / "seeded.db", clock=clock, has_invoices=True)
    try:
        held = server.invoices()
        assert [(each["Status"], each["AmountDue"]) for each in held] == [
            ("AUTHORISED", 120.0),
            ("AUTHORISED", 640.0),
            ("PAID", 0.0),
            ("AUTHORISED", 200.0),
        ]
        bayside = server.named("Bayside Wholesale Club")["ContactID"]
        shown = seen(server.http.get(f"/app/{CODE}/contacts/contact/{bayside}").text)
        assert "accounts receivable · outstanding 760.0" in shown
        assert "accounts receivable · overdue 120.0" in shown
    finally:
        server.stop()
