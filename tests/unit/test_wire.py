"""Between Xero's JSON and our contacts, on answers that were recorded from Xero."""

import json
from typing import Any
from uuid import UUID

import pytest

from posxero.domain.copies import XeroCopy
from posxero.domain.fields import MAPPED, MAPPED_KEYS
from posxero.domain.xero_phones import PhoneParts
from posxero.xero.contact_reading import read_copy
from posxero.xero.contact_writing import creation_of, update_of
from posxero.xero.decoding import decode
from posxero.xero.errors import Unavailable
from posxero.xero.shapes import Contact, Contacts, TokenResponse, parse_xero_date

ID = UUID("5cc8cf28-567e-4d43-b287-687cfcaec47c")

PAGE = rb"""
{ "Id": "573b598b-c75d-43a0-a530-3b3b27dabf62", "Status": "OK", "ProviderName": "Docketworks MSM Dev",
  "DateTimeUTC": "/Date(1789269371898)/",
  "pagination": { "page": 1, "pageSize": 2, "pageCount": 816, "itemCount": 1631 },
  "Contacts": [
    { "ContactID": "de621a4e-2ee2-4c55-9a79-115494f98c9d", "ContactStatus": "ACTIVE", "Name": "Eastside Club",
      "Addresses": [ {"AddressType": "POBOX"}, {"AddressType": "STREET"} ],
      "Phones": [ {"PhoneType": "DDI"}, {"PhoneType": "DEFAULT"}, {"PhoneType": "FAX"}, {"PhoneType": "MOBILE"} ],
      "UpdatedDateUTC": "/Date(1789184815213+0000)/", "ContactGroups": [], "IsSupplier": false, "IsCustomer": false,
      "ContactPersons": [], "HasAttachments": false, "HasValidationErrors": false } ] }
"""

KATHERINE = rb"""
{ "ContactID": "5cc8cf28-567e-4d43-b287-687cfcaec47c", "ContactStatus": "ACTIVE", "Name": "Katherine Warren",
  "FirstName": "Katherine", "LastName": "Warren", "CompanyNumber": "NumberBusiness1234",
  "EmailAddress": "kat.warren@clampett.com", "BankAccountDetails": "", "TaxNumber": "",
  "Addresses": [ {"AddressType": "STREET", "City": "", "Region": "", "PostalCode": "", "Country": ""},
                 {"AddressType": "POBOX", "AddressLine1": "", "AddressLine2": "", "AddressLine3": "",
                  "AddressLine4": "", "City": "Palo Alto", "Region": "CA", "PostalCode": "94020",
                  "Country": "United States", "AttentionTo": "Jed"} ],
  "Phones": [ {"PhoneType": "DDI", "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""},
              {"PhoneType": "DEFAULT", "PhoneNumber": "847-1294", "PhoneAreaCode": "(626)", "PhoneCountryCode": ""} ],
  "UpdatedDateUTC": "/Date(1503348544227+0000)/", "ContactGroups": [], "IsSupplier": true, "IsCustomer": true,
  "Balances": { "AccountsReceivable": {"Outstanding": 760.00, "Overdue": 920.00} }, "ContactPersons": [] }
"""

REFUSED = b"""
{ "Status": "OK", "Contacts": [ { "ContactID": "50e71b5e-e368-4bda-ba17-044a6c0ec328", "ContactStatus": "ARCHIVED",
  "Name": "[TEST] Recording a1a54b7c B", "Addresses": [], "Phones": [], "HasValidationErrors": true,
  "StatusAttributeString": "ERROR", "ValidationErrors": [ { "Message": "The specified contact details \
matched an archived contact. \
Archived contacts cannot currently be edited via the API." } ] } ] }
"""


def katherine() -> XeroCopy:
    return read_copy(decode(KATHERINE, Contact))


def phones(element: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    return {
        one["PhoneType"]: (one["PhoneCountryCode"], one["PhoneAreaCode"], one["PhoneNumber"])
        for one in element["Phones"]
    }


def test_a_page_says_how_many_there_are() -> None:
    page = decode(PAGE, Contacts)
    assert page.pagination is not None
    assert (page.pagination.page_count, page.pagination.item_count) == (816, 1631)


def test_left_out_fields_are_empty() -> None:
    (club,) = decode(PAGE, Contacts).contacts or []
    copy = read_copy(club)
    assert copy.values == {**dict.fromkeys(MAPPED_KEYS, ""), "name": "Eastside Club"}
    assert (copy.is_customer, copy.is_supplier, copy.status) == (False, False, "ACTIVE")
    assert copy.updated_at == "2026-09-12T03:46:55.213+00:00"


def test_null_reads_like_empty() -> None:
    copy = read_copy(decode(b'{"Name": "A", "EmailAddress": null, "Phones": null, "Addresses": null}', Contact))
    assert copy.values == {**dict.fromkeys(MAPPED_KEYS, ""), "name": "A"}


def test_every_field_of_the_map_is_read_and_written() -> None:
    values = {field.key: f"{field.key[:40]}" for field in MAPPED}
    element = update_of(ID, values, XeroCopy(), tax_number_edited=True)
    assert read_copy(decode(json.dumps(element).encode(), Contact)).values == values


def test_phones_are_read_by_type_and_joined() -> None:
    assert katherine().values["phone"] == "(626) 847-1294"
    assert katherine().phones["DEFAULT"] == PhoneParts("", "(626)", "847-1294")


def test_an_update_sends_all_phones_and_both_addresses() -> None:
    copy = katherine()
    element = update_of(ID, {**copy.values, "mobile": "021 555"}, copy, tax_number_edited=False)
    assert phones(element) == {
        "DEFAULT": ("", "(626)", "847-1294"),
        "MOBILE": ("", "", "021 555"),
        "DDI": ("", "", ""),
        "FAX": ("", "", ""),
    }
    street, postal = element["Addresses"]
    assert (street["AddressType"], postal["AddressType"]) == ("STREET", "POBOX")
    assert set(street) == set(postal)
    assert (street["City"], street["AttentionTo"]) == ("", "")
    assert (postal["City"], postal["AttentionTo"]) == ("Palo Alto", "Jed")


def test_an_update_holds_nothing_but_our_fields() -> None:
    copy = katherine()
    element = update_of(ID, copy.values, copy, tax_number_edited=False)
    assert set(element) == {
        "ContactID",
        "Name",
        "FirstName",
        "LastName",
        "EmailAddress",
        "CompanyNumber",
        "AccountNumber",
        "Phones",
        "Addresses",
    }


def test_a_tax_number_is_sent_only_when_it_was_edited() -> None:
    values = {**katherine().values, "tax_number": "***-**-1234"}
    assert "TaxNumber" not in update_of(ID, values, katherine(), tax_number_edited=False)
    assert update_of(ID, values, katherine(), tax_number_edited=True)["TaxNumber"] == "***-**-1234"


def test_an_equal_value_goes_back_as_it_came() -> None:
    copy = read_copy(decode(b'{"Name": "Bob  Smith ", "FirstName": "Bob"}', Contact))
    element = update_of(ID, {**copy.values, "name": "Bob Smith", "first_name": "Rob"}, copy, tax_number_edited=False)
    assert (element["Name"], element["FirstName"]) == ("Bob  Smith ", "Rob")


def test_a_creation_carries_our_id_and_no_other() -> None:
    element = creation_of(ID, {"name": "Ann", "phone": "09 1"})
    assert element["ContactNumber"] == str(ID)
    assert "ContactID" not in element
    assert phones(element)["DEFAULT"] == ("", "", "09 1")


def test_a_refused_element_is_not_written() -> None:
    (refused,) = decode(REFUSED, Contacts).contacts or []
    assert not refused.is_written
    assert refused.error_messages[0].startswith("The specified contact details matched an archived contact.")


def test_no_id_means_that_nothing_was_written() -> None:
    assert not decode(b'{"ContactID": "00000000-0000-0000-0000-000000000000", "Name": "A"}', Contact).is_written
    assert decode(KATHERINE, Contact).is_written


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        (rb'"NUL \u0000 in it"', "NUL \ufffd in it"),
        (rb'"half a pair \ud83d here"', "half a pair \ufffd here"),
        (rb'"halves the wrong way \ude00\ud83d"', "halves the wrong way \ufffd\ufffd"),
        (rb'"a pair \ud83d\ude00"', "a pair \N{GRINNING FACE}"),
        (rb'"two \ud83d\ud83d\ude00"', "two \ufffd\N{GRINNING FACE}"),
        (rb'"an escaped backslash \\ud83d \ud83d"', "an escaped backslash \\ud83d \ufffd"),
        (b'"not UTF-8 \xff"', "not UTF-8 \ufffd"),
        (rb'"/Date(1419937200000+0000)/"', "/Date(1419937200000+0000)/"),
        (b'"turned \xe2\x80\xae round"', "turned \u202e round"),
        (rb'"two\r\nlines"', "two\r\nlines"),
    ],
)
def test_hostile_names_are_read(wire: bytes, name: str) -> None:
    read = read_copy(decode(b'{"Name": ' + wire + b"}", Contact)).values["name"]
    assert read == name
    assert read.encode()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("/Date(1518685950940+0000)/", "2018-02-15T09:12:30.940+00:00"),
        ("/Date(1551399323399)/", "2019-03-01T00:15:23.399+00:00"),
        ("/Date(-62135596800000+0000)/", "0001-01-01T00:00:00.000+00:00"),
        ("/Date(999999999999999)/", ""),
        ("/Date(soon)/", ""),
        ("2018-02-15", ""),
        (None, ""),
    ],
)
def test_dates_are_read_by_their_milliseconds(text: str | None, iso: str) -> None:
    assert parse_xero_date(text) == iso


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Contacts": {}}', b'{"Contacts": [{"ContactID": "x"}]}'])
def test_what_is_not_an_answer_is_not_believed(body: bytes) -> None:
    with pytest.raises(Unavailable):
        decode(body, Contacts)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"access_token": "a", "refresh_token": "r"}',
        b'{"access_token": "a", "refresh_token": "r", "expires_in": "soon"}',
        b'{"access_token": "a", "expires_in": 1800}',
    ],
)
def test_tokens_need_all_three(body: bytes) -> None:
    with pytest.raises(Unavailable):
        decode(body, TokenResponse)
