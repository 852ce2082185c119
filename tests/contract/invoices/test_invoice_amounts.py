"""Tax, rounding and totals of invoices: the vectors of Xero's pages and recordings."""

from typing import Any

import pytest

from tests.contract.invoices.conftest import InvoiceApi

Json = dict[str, Any]


def amounts(invoice: Json) -> tuple[float, float, float]:
    return invoice["SubTotal"], invoice["TotalTax"], invoice["Total"]


@pytest.mark.parametrize(
    ("types", "unit_amounts", "expected"),
    [
        ("Exclusive", ["25.06", "25.61", "25.63"], (76.3, 11.44, 87.74)),
        ("Inclusive", ["541.25"], (470.65, 70.6, 541.25)),
        ("Inclusive", ["500.00"], (434.78, 65.22, 500.0)),
        ("NoTax", ["10.00", "2.50"], (12.5, 0.0, 12.5)),
    ],
)
def test_tax_is_rounded_on_each_line(
    invoices: InvoiceApi, types: str, unit_amounts: list[str], expected: tuple[float, float, float]
) -> None:
    lines: list[Json] = [{"UnitAmount": each} for each in unit_amounts]
    assert amounts(invoices.create(*lines, LineAmountTypes=types)) == expected


def test_amounts_are_exclusive_where_nothing_was_sent(invoices: InvoiceApi) -> None:
    sent = invoices.element({"Quantity": 2, "UnitAmount": 10.5})
    del sent["LineAmountTypes"]
    (invoice,) = invoices.send("PUT", sent).json()["Invoices"]
    assert (invoice["LineAmountTypes"], amounts(invoice)) == ("Exclusive", (21.0, 3.15, 24.15))


@pytest.mark.parametrize(("sent", "places", "rounded"), [(2.165, 2, 2.17), (2.16549, 4, 2.1655), ("-2.165", 2, -2.17)])
def test_a_unit_amount_is_rounded_first_and_half_up(
    invoices: InvoiceApi, sent: object, places: int, rounded: float
) -> None:
    element = invoices.element({"UnitAmount": sent}, {"UnitAmount": "100"})
    answer = invoices.send("PUT", element, unitdp=places)
    line = answer.json()["Invoices"][0]["LineItems"][0]
    assert line["UnitAmount"] == rounded
    assert line["LineAmount"] == round(rounded, 2)


def test_a_line_amount_is_rounded_after_its_quantity(invoices: InvoiceApi) -> None:
    (line,) = invoices.create({"Quantity": "0.33335", "UnitAmount": "9.99"})["LineItems"]
    assert (line["Quantity"], line["LineAmount"]) == (0.3334, 3.33)


def test_tax_that_was_sent_wins(invoices: InvoiceApi) -> None:
    invoice = invoices.create({"TaxAmount": "15.01"}, LineAmountTypes="Inclusive")
    assert amounts(invoice) == (99.99, 15.01, 115.0)


def test_the_rate_is_the_lines_else_the_accounts(invoices: InvoiceApi) -> None:
    invoice = invoices.create({"TaxType": "ZERORATED"}, {}, {"AccountCode": "860", "UnitAmount": "0.01"})
    assert [line["TaxType"] for line in invoice["LineItems"]] == ["ZERORATED", "OUTPUT2", "NONE"]
    assert [line["TaxAmount"] for line in invoice["LineItems"]] == [0.0, 15.0, 0.0]


def test_discounts(invoices: InvoiceApi) -> None:
    invoice = invoices.create({"DiscountRate": 10}, {"DiscountAmount": "15.00"})
    assert [line["LineAmount"] for line in invoice["LineItems"]] == [103.5, 100.0]
    assert invoice["IsDiscounted"] is True


def test_what_is_missing_of_a_line_is_calculated(invoices: InvoiceApi) -> None:
    lines: list[Json] = [
        {"UnitAmount": None, "Quantity": 4, "LineAmount": "10.00"},
        {"Quantity": None, "UnitAmount": "2.50", "LineAmount": "10.00"},
        {"Quantity": None, "UnitAmount": "2.50"},
    ]
    answered = invoices.create(*lines)["LineItems"]
    assert [(line["Quantity"], line["UnitAmount"], line["LineAmount"]) for line in answered] == [
        (4.0, 2.5, 10.0),
        (4.0, 2.5, 10.0),
        (1.0, 2.5, 2.5),
    ]


def test_a_line_may_be_a_mere_description(invoices: InvoiceApi) -> None:
    note: Json = {"Quantity": None, "UnitAmount": None, "AccountCode": None, "Description": "With thanks"}
    invoice = invoices.create({}, note)
    assert (invoice["Total"], invoice["LineItems"][1]["LineAmount"]) == (115.0, 0.0)


def test_nothing_is_owed_on_a_total_of_zero(invoices: InvoiceApi) -> None:
    invoice = invoices.create({"UnitAmount": 0})
    assert (invoice["Status"], invoice["AmountDue"]) == ("PAID", 0.0)
    assert invoices.send("POST", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"}).status_code == 200


def test_large_amounts_stay_exact(invoices: InvoiceApi) -> None:
    invoice = invoices.create({"Quantity": 1000, "UnitAmount": "999999999.99"})
    assert invoice["Total"] == 999999999990.0
    assert invoices.numbers(where="Total==999999999990") == [invoice["InvoiceNumber"]]
