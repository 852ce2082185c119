"""What a user does to a contact on Xero's own pages: edit anything, archive, restore, merge, erase."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import Json, PracticeServer
from tests.support.webhook_receiver import KEY, WebhookReceiver

UNKNOWN = "50e71b5e-e368-4bda-ba17-044a6c0ec328"
INPUT = re.compile(r'<input name="([^"]+)" value="([^"]*)"')
SELECT = re.compile(r'<select name="([^"]+)">(.*?)</select>', re.DOTALL)
SELECTED = re.compile(r'value="([^"]*)" selected')


@pytest.fixture
def contact(practice: PracticeServer) -> Json:
    return practice.named("Bayside Wholesale Club")


def page_of(contact: Json) -> str:
    return f"/app/!Kw1Ot/contacts/contact/{contact['ContactID']}"


def form_of(practice: PracticeServer, contact: Json) -> dict[str, str]:
    page = practice.http.get(f"{page_of(contact)}/edit").text
    chosen = {name: SELECTED.findall(options) for name, options in SELECT.findall(page)}
    return {name: unescape(value) for name, value in INPUT.findall(page)} | {
        name: value[0] for name, value in chosen.items() if value
    }


def act(practice: PracticeServer, contact: Json, action: str, **options: str) -> Json:
    answer = practice.http.post(f"/practice/contacts/{contact['ContactID']}/{action}", json=options)
    done: Json = answer.json()
    return done | {"status code": answer.status_code}


def lines(practice: PracticeServer, contact: Json) -> list[str]:
    return re.findall(r"<li>(.*?)</li>", practice.http.get(page_of(contact)).text)


def test_a_form_that_is_sent_as_it_came_changes_nothing_but_the_timestamp(practice: PracticeServer, api: Api) -> None:
    def read() -> list[Json]:
        listed = api.listed(page=1, pageSize=100, includeArchived="true", order="ContactID")
        return [contact | {"UpdatedDateUTC": ""} for contact in listed]

    before = read()
    for contact in before:
        answer = practice.http.post(f"{page_of(contact)}/edit", data=form_of(practice, contact))
        assert answer.status_code == 303, answer.text
    assert read() == before


def test_every_field_can_be_edited(practice: PracticeServer, contact: Json) -> None:
    form = form_of(practice, contact)
    form |= dict.fromkeys(("FirstName", "TaxNumberType", "XeroNetworkKey", "AccountsReceivableTaxType"), "Edited")
    form |= {"ContactNumber": "C-9", "IsCustomer": "No", "Website": "https://bay.example", "Discount": "2.5"}
    form |= {"ContactPersons.0.FirstName": "Ngaire", "ContactPersons.1.IncludeInEmails": "Yes"}
    form |= {"PaymentTerms.Sales.Day": "14", "PaymentTerms.Bills.Day": "", "PaymentTerms.Bills.Type": ""}
    form |= {"SalesTrackingCategories.0.TrackingCategoryName": "Region", "BatchPayments.Code": "BAY"}
    form |= {"SalesDefaultLineAmountType": "NONE", "Addresses.STREET.AddressLine4": "", "Phones.FAX.PhoneNumber": "9"}
    assert practice.http.post(f"{page_of(contact)}/edit", data=form).status_code == 303
    after = practice.contact(contact["ContactID"])
    assert {after[name] for name in ("FirstName", "TaxNumberType", "XeroNetworkKey")} == {"Edited"}
    assert (after["ContactNumber"], after["IsCustomer"], after["IsSupplier"]) == ("C-9", False, True)
    assert (after["Website"], after["Discount"]) == ("https://bay.example", 2.5)
    assert [each["FirstName"] for each in after["ContactPersons"]] == ["Ngaire", "Tom"]
    assert after["ContactPersons"][1]["IncludeInEmails"] is True
    assert after["PaymentTerms"] == {"Sales": {"Day": 14, "Type": "DAYSAFTERBILLDATE"}}
    assert after["SalesTrackingCategories"] == [{"TrackingCategoryName": "Region"}]
    assert after["BatchPayments"] == {"Code": "BAY"}
    assert after["SalesDefaultLineAmountType"] == "NONE"
    assert after["Addresses"]["STREET"]["AddressLine4"] == ""
    assert after["Phones"]["FAX"]["PhoneNumber"] == "9"


def test_additional_people_can_be_removed(practice: PracticeServer, contact: Json) -> None:
    form = form_of(practice, contact)
    form |= {name: "" for name in form if name.startswith("ContactPersons") and not name.endswith("Emails")}
    practice.http.post(f"{page_of(contact)}/edit", data=form)
    assert practice.contact(contact["ContactID"])["ContactPersons"] == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"Discount": "much"}, "Discount in percent: enter a number."),
        ({"Discount": "nan"}, "Discount in percent: enter a number."),
        ({"PaymentTerms.Sales.Day": "soon"}, "Sales: day: enter a number."),
        ({"PaymentTerms.Sales.Day": ""}, "Payment terms for sales: enter a day and a type, or neither."),
        ({"ContactNumber": "CRM-00042"}, "Another contact has this contact number."),
    ],
)
def test_a_refused_edit_keeps_the_form(
    practice: PracticeServer, contact: Json, wrong: dict[str, str], message: str
) -> None:
    answer = practice.http.post(f"{page_of(contact)}/edit", data=form_of(practice, contact) | wrong)
    assert answer.status_code == 422
    assert message in unescape(answer.text)
    for name, value in wrong.items():
        assert f'name="{name}" value="{value}"' in answer.text
    assert practice.contact(contact["ContactID"]) == contact


def test_archive_and_restore(practice: PracticeServer, api: Api, contact: Json, clock: Clock) -> None:
    clock.forward(minutes=1)
    archived = act(practice, contact, "archive")
    assert (archived["status code"], archived["ContactStatus"]) == (200, "ARCHIVED")
    assert archived["UpdatedDateUTC"] > contact["UpdatedDateUTC"]
    assert contact["Name"] not in api.names(page=1)
    assert act(practice, contact, "archive")["error"] == "Bayside Wholesale Club is not active."
    restored = act(practice, contact, "restore")
    assert (restored["status code"], restored["ContactStatus"]) == (200, "ACTIVE")
    assert contact["Name"] in api.names(page=1)
    assert [line.split(": ")[1] for line in lines(practice, contact)] == [
        "Restored by Pat Practice. Restored in Xero",
        "Archived by Pat Practice. Archived in Xero",
    ]


def test_a_contact_whose_name_is_taken_cannot_be_restored(practice: PracticeServer, contact: Json) -> None:
    act(practice, contact, "archive")
    practice.add(Name=contact["Name"].upper())
    refused = act(practice, contact, "restore")
    assert refused["status code"] == 409
    assert "is already assigned to another contact" in refused["error"]


def test_the_loser_of_a_merge_points_to_the_winner(practice: PracticeServer, api: Api, contact: Json) -> None:
    winner = practice.named("Only a Name")
    merged = act(practice, contact, "merge", into=winner["ContactID"])
    assert (merged["ContactStatus"], merged["MergedToContactID"]) == ("ARCHIVED", winner["ContactID"])
    (read,) = api.listed(IDs=contact["ContactID"], page=1, includeArchived="true")
    assert read["MergedToContactID"] == winner["ContactID"]
    after = practice.contact(winner["ContactID"])
    assert (after["IsCustomer"], after["IsSupplier"]) == (True, True)
    assert after["UpdatedDateUTC"] == winner["UpdatedDateUTC"]
    assert "Bayside Wholesale Club was merged into this contact" in lines(practice, winner)[0]
    assert act(practice, contact, "restore")["error"] == "A merged contact cannot be restored."


def test_merges_that_make_no_sense_are_refused(practice: PracticeServer, contact: Json) -> None:
    other = practice.contacts(practice.organisations[1].tenant_id)[0]["ContactID"]
    archived = practice.named("Old Dunedin Drapery")["ContactID"]
    for into in (contact["ContactID"], UNKNOWN, other, archived, ""):
        assert act(practice, contact, "merge", into=into)["status code"] == 409
    assert practice.contact(contact["ContactID"]) == contact


def test_an_erased_contact_loses_its_personal_details(practice: PracticeServer, api: Api, contact: Json) -> None:
    erased = act(practice, contact, "erase")
    assert (erased["ContactStatus"], erased["Name"]) == ("GDPRREQUEST", contact["Name"])
    assert not {"EmailAddress", "TaxNumber"} & set(erased)
    assert (erased["Phones"], erased["Addresses"], erased["ContactPersons"]) == ({}, {}, [])
    assert act(practice, contact, "erase")["status code"] == 409
    assert act(practice, contact, "restore")["status code"] == 409
    refused = api.post({"ContactID": contact["ContactID"], "FirstName": "Back"})
    assert "archived contact" in refused.text
    assert "Erased (GDPR request)" in practice.http.get(page_of(contact)).text


def test_the_buttons_of_the_page(practice: PracticeServer, contact: Json) -> None:
    def press(action: str, **form: str) -> str:
        assert practice.http.post(f"{page_of(contact)}/{action}", data=form).headers["Location"] == page_of(contact)
        return practice.http.get(page_of(contact)).text

    assert "Archived in Xero." in press("archive")
    assert "is not active." in press("archive")
    assert "Restored in Xero." in press("restore")
    winner = practice.named("Only a Name")["ContactID"]
    assert winner in practice.http.get(f"{page_of(contact)}/merge", params={"q": "only a"}).text
    assert practice.http.post(f"{page_of(contact)}/merge", data={"winner": UNKNOWN}).status_code == 422
    shown = press("merge", winner=winner)
    assert "Merged in Xero." in shown
    assert "Restore</button>" not in shown
    assert "Erased in Xero." in press("erase")
    assert practice.http.post(f"{page_of(contact)}/explode").status_code == 404
    assert practice.http.post(f"{page_of({'ContactID': UNKNOWN})}/archive").status_code == 404
    foreign = practice.http.post(f"{page_of(contact)}/erase", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    started = WebhookReceiver()
    yield started
    started.stop()


def test_each_action_is_an_update_event(tmp_path: Path, receiver: WebhookReceiver) -> None:
    practice = PracticeServer(tmp_path / "events.db", webhook_url=receiver.url, webhook_key=KEY)
    try:
        contact, winner = practice.named("Only a Name"), practice.named("Aroha Ngata")
        for action in ("archive", "restore"):
            practice.act(contact["ContactID"], action)
        practice.act(contact["ContactID"], "merge", into=winner["ContactID"])
        practice.act(contact["ContactID"], "erase")
        practice.subscribe(receiver.url, KEY)
        practice.webhooks("deliver")
        events = [event for each in receiver.deliveries() for event in each.events]
        assert [(each["eventType"], each["resourceId"]) for each in events] == [("UPDATE", contact["ContactID"])] * 4
    finally:
        practice.stop()
