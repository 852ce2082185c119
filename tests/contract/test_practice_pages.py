"""Practice Xero's own pages: reading, and editing on Xero's side."""

import re
from html import unescape

import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import PracticeServer

CODE = "!Kw1Ot"


def page_of(practice: PracticeServer, name: str) -> str:
    return f"/app/{CODE}/contacts/contact/{practice.named(name)['ContactID']}"


def seen(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def fields(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'<input name="([^"]+)" value="([^"]*)"', page)}


def test_home_shows_both_organisations(practice: PracticeServer, api: Api) -> None:
    assert api.get("/Organisation").status_code == 200
    page = practice.http.get("/").text
    assert "Kiwi Outfitters Ltd" in page
    assert "Harbour Books &amp; Gifts" in page
    assert (seen(page).count("Retail POS Connected"), seen(page).count("Retail POS Not connected")) == (1, 1)


def test_the_list_finds_and_pages(practice: PracticeServer) -> None:
    found = practice.http.get("/contacts", params={"org": CODE, "q": "MĀORI"}).text
    assert "Te Ohu Whakaū Māori Arts" in found
    assert "Aroha Ngata" not in found
    assert "No contact is like that." in practice.http.get("/contacts", params={"q": "zzzz"}).text
    for number in range(20):
        practice.add(Name=f"zz {number}")
    second = practice.http.get("/contacts", params={"page": "2"}).text
    assert "zz 9" in second
    assert ">Previous<" in second


def test_a_contacts_page_shows_all_that_is_held(practice: PracticeServer) -> None:
    page = practice.http.get(page_of(practice, "Bayside Wholesale Club")).text
    for held in (
        "accounts@bayside.example",
        "12-3141-0592653-00",
        "9429031595070",
        "Goods inwards",
        "Behind the silos",
        "555 0142",
        "ngaio@bayside.example",
        "DAYSAFTERBILLDATE",
        "760.0",
    ):
        assert held in page, held


def test_hostile_text_is_shown_as_text(practice: PracticeServer) -> None:
    practice.add(Name="<script>alert(1)</script>", EmailAddress='"><img src=x>')
    shown = practice.http.get(page_of(practice, "<script>alert(1)</script>"))
    assert "<script>" not in shown.text
    assert "<img" not in shown.text
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_an_edit_in_xero_moves_the_timestamp_and_is_in_the_history(practice: PracticeServer, clock: Clock) -> None:
    url = page_of(practice, "Bayside Wholesale Club")
    before = practice.named("Bayside Wholesale Club")
    form = fields(practice.http.get(f"{url}/edit").text)
    clock.forward(minutes=3)
    form |= {"FirstName": "Māia", "Phones.MOBILE.PhoneNumber": "021 555"}
    assert practice.http.post(f"{url}/edit", data=form).headers["Location"] == url
    after = practice.contact(before["ContactID"])
    assert after["UpdatedDateUTC"] > before["UpdatedDateUTC"]
    assert (after["FirstName"], after["Phones"]["MOBILE"]["PhoneNumber"]) == ("Māia", "021 555")
    assert after["Addresses"]["STREET"] == before["Addresses"]["STREET"]
    assert after["ContactPersons"] == before["ContactPersons"]
    shown = seen(practice.http.get(url).text)
    assert "Saved in Xero." in shown
    assert "2026-09-14 09:33:00 UTC: Edited by Pat Practice. Edited in Xero" in shown


def test_a_bad_edit_keeps_what_was_typed(practice: PracticeServer) -> None:
    url = page_of(practice, "Only a Name")
    answer = practice.http.post(f"{url}/edit", data={"Name": "Aroha Ngata", "FirstName": "Typed"})
    assert answer.status_code == 422
    assert "already assigned to another contact" in answer.text
    assert 'value="Typed"' in answer.text
    assert practice.named("Only a Name")


def test_merged_contacts_lead_to_the_winner(practice: PracticeServer) -> None:
    winner = practice.named("Aroha Ngata")["ContactID"]
    practice.edit(practice.named("Old Dunedin Drapery")["ContactID"], MergedToContactID=winner)
    assert f"/contacts/contact/{winner}" in practice.http.get(page_of(practice, "Old Dunedin Drapery")).text


@pytest.mark.parametrize(
    "path",
    [
        "/contacts?org=!nobody",
        f"/app/{CODE}/contacts/contact/50e71b5e-e368-4bda-ba17-044a6c0ec328",
        "/app/!nobody/contacts/contact/50e71b5e-e368-4bda-ba17-044a6c0ec328",
    ],
)
def test_what_does_not_exist(practice: PracticeServer, path: str) -> None:
    assert practice.http.get(path).status_code == 404


def test_the_cookie_has_its_own_name(practice: PracticeServer) -> None:
    cookie = practice.http.post("/faults", data={"kind": "clear"}).headers["Set-Cookie"]
    assert cookie.startswith("practice_xero=")
    assert "SameSite=Lax" in cookie
