"""Faults meet invoices as they meet contacts: refusals, lost answers, late writes, and answers that are not right."""

from typing import Any

import httpx2
import pytest

from tests.contract.conftest import API
from tests.contract.invoices.conftest import InvoiceApi
from tests.support.practice_server import PracticeServer

GONE = (httpx2.RemoteProtocolError, httpx2.ReadError)
PATH = f"{API}/Invoices"


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("503", 503), ("401", 401)])
def test_a_refusal_writes_nothing(invoices: InvoiceApi, practice: PracticeServer, kind: str, status: int) -> None:
    practice.fault(kind, path=PATH, method="PUT")
    assert invoices.api.get("/Contacts").status_code == 200
    assert invoices.send("PUT", invoices.element()).status_code == status
    assert invoices.numbers() == []


def test_the_answer_is_lost_and_the_key_finds_it(invoices: InvoiceApi, practice: PracticeServer) -> None:
    element = invoices.element(InvoiceNumber="POS-1")
    practice.fault("drop_after", path=PATH)
    with pytest.raises(GONE):
        invoices.send("PUT", element, key="sale 1")
    assert invoices.numbers(InvoiceNumbers="POS-1") == ["POS-1"]
    (again,) = invoices.send("PUT", element, key="sale 1").json()["Invoices"]
    assert again["InvoiceID"] == practice.invoices()[0]["InvoiceID"]
    assert invoices.send("PUT", element, key="sale 1, again").json()["Elements"][0]["ValidationErrors"] == [
        {"Message": "Invoice # must be unique."}
    ]


def test_a_key_for_another_body_and_a_refusal_under_a_key(invoices: InvoiceApi, practice: PracticeServer) -> None:
    invoices.send("PUT", invoices.element(), key="one")
    answer = invoices.send("PUT", invoices.element(Reference="Other"), key="one")
    assert (answer.status_code, "is used with a different request" in answer.text) == (400, True)
    refused = invoices.element({"AccountCode": "265"})
    assert invoices.send("PUT", refused, key="two").status_code == 400
    unreadable = invoices.element(Date="tomorrow")
    assert [invoices.send("PUT", unreadable, key="three").status_code for _ in range(2)] == [400, 400]
    assert len(practice.invoices()) == 1


def test_a_late_write_lands_by_the_rules_of_then(invoices: InvoiceApi, practice: PracticeServer) -> None:
    element = invoices.element(InvoiceNumber="POS-1")
    practice.fault("late", 2, path=PATH)
    for key in ("one", "two"):
        with pytest.raises(GONE):
            invoices.send("PUT", element, key=key)
    assert invoices.numbers() == []
    first, second = practice.late_writes()
    assert first["elements"] == [element]
    assert practice.land(first["id"])[0]["status"] == 200
    (landed,) = practice.land(second["id"])
    assert (landed["status"], "Invoice # must be unique." in landed["answer"]) == (400, True)
    assert "POS-1" not in practice.http.get("/faults").text


def test_the_faults_page_names_held_invoices(invoices: InvoiceApi, practice: PracticeServer) -> None:
    practice.http.post("/faults", data={"kind": "late", "calls": "invoices"})
    assert invoices.api.put({"Name": "Not held"}).status_code == 200
    with pytest.raises(GONE):
        invoices.send("PUT", invoices.element(InvoiceNumber="POS-9"))
    assert "new invoice POS-9" in practice.http.get("/faults").text


def altered(invoices: InvoiceApi, method: str) -> list[dict[str, Any]]:
    """Read three invoices, or write three."""
    if method == "GET":
        answer = invoices.api.get("/Invoices", page=1, order="InvoiceNumber", Statuses="AUTHORISED")
    else:
        answer = invoices.send("PUT", *(invoices.element(Reference=str(each)) for each in range(3)))
    found: list[dict[str, Any]] = answer.json()["Invoices"]
    return found


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_answers_that_are_not_right(invoices: InvoiceApi, practice: PracticeServer, method: str) -> None:
    ids = [invoices.create()["InvoiceID"] for _ in range(3)]
    stranger = invoices.create(Status="DRAFT")["InvoiceID"]
    for kind, count in (("fewer", 2), ("more", 4), ("repeated", 4)):
        practice.fault(kind, path=PATH)
        assert len(altered(invoices, method)[:count]) == count, kind
    practice.fault("other_number", path=PATH)
    assert altered(invoices, method)[-1]["InvoiceNumber"].startswith("OTHER-")
    practice.fault("other_id", path=PATH, value=stranger)
    assert altered(invoices, method)[-1]["InvoiceID"] == stranger
    practice.fault("fewer", path=PATH, contact_id=ids[1])
    assert ids[1] not in [each["InvoiceID"] for each in altered(invoices, method)]


def test_half_a_page_with_true_counts(invoices: InvoiceApi, practice: PracticeServer) -> None:
    for _ in range(4):
        invoices.create()
    practice.fault("short_page", path=PATH)
    answer = invoices.api.get("/Invoices", page=1).json()
    assert (len(answer["Invoices"]), answer["pagination"]["itemCount"]) == (2, 4)


def test_calls_are_logged_with_the_invoices_that_were_sent(invoices: InvoiceApi, practice: PracticeServer) -> None:
    element = invoices.element()
    invoices.send("PUT", element, key="one")
    (call,) = practice.calls(PATH, "PUT")
    assert (call["elements"], call["idempotency_key"], call["status"]) == ([element], "one", 200)
