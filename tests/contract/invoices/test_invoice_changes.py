"""Changes of invoices and of their contacts, by POST and by what an invoice sends of its contact; events of both."""

from collections.abc import Iterator

import pytest

from tests.contract.conftest import Api, Clock
from tests.contract.invoices.conftest import InvoiceApi
from tests.support.practice_server import PracticeServer
from tests.support.webhook_receiver import KEY, WebhookReceiver


@pytest.fixture
def receiver(practice: PracticeServer) -> Iterator[WebhookReceiver]:
    """A receiver of webhooks, which are delivered when the test says so."""
    started = WebhookReceiver()
    practice.subscribe(started.url, KEY)
    practice.webhooks("hold")
    yield started
    started.stop()


def events(practice: PracticeServer, receiver: WebhookReceiver) -> list[tuple[str, str, str]]:
    practice.webhooks("release")
    practice.webhooks("deliver")
    found = [event for delivery in receiver.deliveries() for event in delivery.events]
    return [(each["eventCategory"], each["eventType"], each["resourceId"]) for each in found]


def test_invoices_are_events_and_contacts_are_not_moved(
    invoices: InvoiceApi, practice: PracticeServer, receiver: WebhookReceiver
) -> None:
    invoice_id = invoices.create()["InvoiceID"]
    practice.pay(invoice_id, "1.00")
    invoices.refusals({"InvoiceID": invoice_id, "Status": "VOIDED"}, "POST")
    assert events(practice, receiver) == [("INVOICE", "CREATE", invoice_id), ("INVOICE", "UPDATE", invoice_id)]
    (first,) = receiver.deliveries()
    url = f"https://api.xero.com/api.xro/2.0/Invoices/{invoice_id}"
    assert first.events[0]["resourceUrl"] == url
    assert practice.webhooks()["requests"][-1]["invoices"] == [invoice_id, invoice_id]


def test_a_payment_is_no_event_where_the_switch_says_so(
    invoices: InvoiceApi, practice: PracticeServer, receiver: WebhookReceiver
) -> None:
    invoice_id = invoices.create()["InvoiceID"]
    practice.change_settings(has_payment_events=False)
    practice.pay(invoice_id)
    practice.void(invoices.create()["InvoiceID"])
    assert [each[1] for each in events(practice, receiver)] == ["CREATE", "CREATE", "UPDATE"]


def test_a_post_with_a_used_number_changes_that_invoice(invoices: InvoiceApi, clock: Clock) -> None:
    created = invoices.create(InvoiceNumber="POS-1", Reference="Old")
    clock.forward(minutes=1)
    answer = invoices.send("POST", {"Type": "ACCREC", "InvoiceNumber": "pos-1", "Reference": "New"})
    (changed,) = answer.json()["Invoices"]
    assert (changed["InvoiceID"], changed["Reference"], changed["Total"]) == (created["InvoiceID"], "New", 115.0)
    assert changed["UpdatedDateUTC"] > created["UpdatedDateUTC"]
    assert invoices.numbers(since="2026-09-14T09:30:30") == ["POS-1"]


def test_lines_are_replaced_and_a_known_line_keeps_what_it_omits(invoices: InvoiceApi) -> None:
    created = invoices.create({}, {"Description": "Second"}, Status="DRAFT")
    kept = created["LineItems"][1]["LineItemID"]
    lines = [{"LineItemID": kept, "Quantity": 2}, {"Description": "Third", "UnitAmount": 1, "AccountCode": "200"}]
    answer = invoices.send("POST", {"InvoiceID": created["InvoiceID"], "LineItems": lines}, path="")
    answered = answer.json()["Invoices"][0]
    assert [(each["Description"], each["LineAmount"]) for each in answered["LineItems"]] == [
        ("Second", 230.0),
        ("Third", 1.0),
    ]
    assert answered["LineItems"][0]["LineItemID"] == kept
    assert answered["Total"] == 231.0


def test_other_amounts_types_recalculate_the_tax(invoices: InvoiceApi) -> None:
    created = invoices.create()
    change = {"InvoiceID": created["InvoiceID"], "LineAmountTypes": "Exclusive"}
    (changed,) = invoices.send("POST", change).json()["Invoices"]
    assert (created["TotalTax"], changed["TotalTax"], changed["Total"]) == (15.0, 17.25, 132.25)


def test_a_contact_is_found_by_number_and_by_name(invoices: InvoiceApi, practice: PracticeServer) -> None:
    known = practice.named("Pat O\u2019Reilly")["ContactID"]
    by_number = invoices.create(Contact={"ContactNumber": "CRM-00042"})
    by_name = invoices.create(Contact={"Name": "Pat O\u2019Reilly"})
    assert {each["Contact"]["ContactID"] for each in (by_number, by_name)} == {known}


def test_an_unknown_name_makes_a_contact_and_a_refused_invoice_does_not(
    invoices: InvoiceApi, practice: PracticeServer
) -> None:
    invoices.refusals(invoices.element({"AccountCode": "265"}, Contact={"Name": "Walk-in"}))
    assert "Walk-in" not in [each["Name"] for each in practice.contacts()]
    invoices.create(Contact={"Name": "Walk-in"})
    assert practice.named("Walk-in")["IsCustomer"] is True


def test_details_of_the_contact_overwrite_it(invoices: InvoiceApi, practice: PracticeServer, clock: Clock) -> None:
    before = practice.named("Bayside Wholesale Club")
    assert before["ContactPersons"]
    clock.forward(minutes=1)
    invoices.create(Contact={"ContactID": before["ContactID"]})
    assert practice.contact(before["ContactID"])["ContactPersons"] == before["ContactPersons"]
    invoices.create(Contact={"ContactID": before["ContactID"], "FirstName": "Sent"})
    after = practice.contact(before["ContactID"])
    assert (after["FirstName"], after["ContactPersons"]) == ("Sent", [])
    assert after["UpdatedDateUTC"] > before["UpdatedDateUTC"]


def test_the_first_invoice_makes_a_customer(invoices: InvoiceApi, api: Api, practice: PracticeServer) -> None:
    (before,) = api.listed(IDs=invoices.contact_id, page=1)
    created = invoices.create(Status="DRAFT", Url="https://shop.example/sales/7", SentToContact=True)
    (after,) = api.listed(IDs=invoices.contact_id, page=1)
    assert (before["IsCustomer"], after["IsCustomer"], created["Contact"]["IsCustomer"]) == (False, True, True)
    assert before["UpdatedDateUTC"] == after["UpdatedDateUTC"]
    assert invoices.read(created["InvoiceNumber"])["Url"] == "https://shop.example/sales/7"
    assert practice.invoice(created["InvoiceID"])["SentToContact"] is True


def test_an_invoice_as_xml(invoices: InvoiceApi) -> None:
    body = f"""<Invoices><Invoice><Type>ACCREC</Type><Status>AUTHORISED</Status><DueDate>2026-10-20</DueDate>
    <Contact><ContactID>{invoices.contact_id}</ContactID></Contact><LineAmountTypes>Inclusive</LineAmountTypes>
    <LineItems><LineItem><Description>Goods</Description><UnitAmount>115</UnitAmount><AccountCode>200</AccountCode>
    </LineItem></LineItems></Invoice></Invoices>"""
    headers = {"Content-Type": "application/xml"}
    answer = invoices.api.http.put("/api.xro/2.0/invoices", content=body.encode(), headers=headers)
    assert answer.json()["Invoices"][0]["Total"] == 115.0
