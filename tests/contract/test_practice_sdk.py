"""Xero's official SDK, which knows nothing of us, gets on with Practice Xero."""

from datetime import timedelta

import pytest
from xero_python.accounting import Contact, Contacts, HistoryRecord, HistoryRecords, Phone
from xero_python.exceptions import AccountingBadRequestException, ApiException

from tests.contract.conftest import Clock, Sdk
from tests.support.practice_server import SCOPE, PracticeServer


def test_connections_and_the_organisation(sdk: Sdk, practice: PracticeServer) -> None:
    (connection,) = sdk.identity.get_connections()
    assert str(connection.tenant_id) == practice.tenant
    assert connection.tenant_name == "Kiwi Outfitters Ltd"
    (organisation,) = sdk.accounting.get_organisations(sdk.tenant).organisations
    assert organisation.country_code.value == "NZ"
    assert organisation.short_code.startswith("!")
    assert {account.code for account in sdk.accounting.get_accounts(sdk.tenant).accounts} >= {"200", "610"}
    assert {rate.tax_type for rate in sdk.accounting.get_tax_rates(sdk.tenant).tax_rates} >= {"OUTPUT2", "NONE"}


def test_pages_walk_every_contact_once(sdk: Sdk, practice: PracticeServer) -> None:
    walked: list[str] = []
    for page in (1, 2, 3):
        walked += [
            contact.contact_id
            for contact in sdk.contacts(page=page, page_size=20, order="ContactID", include_archived=True)
        ]
    assert walked == [contact["ContactID"] for contact in practice.contacts()]
    assert sdk.contacts(page=4, page_size=20) == []


def test_create_read_and_update(sdk: Sdk) -> None:
    asked = Contact(
        name="Tūī Cafe", email_address="tui@cafe.example", phones=[Phone(phone_type="DDI", phone_number="09 1")]
    )
    (made,) = sdk.accounting.create_contacts(sdk.tenant, Contacts(contacts=[asked])).contacts
    change = Contacts(contacts=[Contact(contact_id=made.contact_id, email_address="new@cafe.example")])
    (changed,) = sdk.accounting.update_contact(sdk.tenant, made.contact_id, change).contacts
    assert changed.email_address == "new@cafe.example"
    (read,) = sdk.accounting.get_contact(sdk.tenant, made.contact_id).contacts
    assert (read.name, read.email_address) == ("Tūī Cafe", "new@cafe.example")
    assert {phone.phone_type: phone.phone_number for phone in read.phones} == {
        "DDI": "09 1",
        "DEFAULT": "",
        "FAX": "",
        "MOBILE": "",
    }


def test_a_taken_name_is_a_validation_error(sdk: Sdk) -> None:
    with pytest.raises(AccountingBadRequestException) as refused:
        sdk.accounting.create_contacts(sdk.tenant, Contacts(contacts=[Contact(name="aroha ngata")]))
    assert refused.value.error_data["Type"] == "ValidationException"
    assert refused.value.reason.startswith("The contact name aroha ngata is already assigned to another contact.")


def test_a_batch_reports_each_element(sdk: Sdk) -> None:
    batch = Contacts(
        contacts=[Contact(name="Rātā Books"), Contact(name="Bad Mail", email_address="jürgen@müller.example")]
    )
    good, bad = sdk.accounting.update_or_create_contacts(sdk.tenant, batch, summarize_errors=False).contacts
    assert (good.status_attribute_string, good.has_validation_errors) == ("OK", False)
    assert (bad.status_attribute_string, bad.has_validation_errors) == ("ERROR", True)
    assert bad.validation_errors[0].message == "Email address must be valid."


def test_filters(sdk: Sdk, practice: PracticeServer, clock: Clock) -> None:
    assert [each.name for each in sdk.contacts(where='Name=="AROHA ngata"')] == ["Aroha Ngata"]
    wanted = [practice.named(name)["ContactID"] for name in ("Only a Name", "Surf 🏄 Shack")]
    assert {each.name for each in sdk.contacts(i_ds=wanted)} == {"Only a Name", "Surf 🏄 Shack"}
    assert [each.name for each in sdk.contacts(search_term="WHAKAU", page=1)] == ["Te Ohu Whakaū Māori Arts"]
    practice.edit(wanted[0], FirstName="Solo")
    since = (clock() - timedelta(seconds=5)).replace(tzinfo=None)
    assert [each.first_name for each in sdk.contacts(if_modified_since=since)] == ["Solo"]


def test_history(sdk: Sdk, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    note = HistoryRecords(history_records=[HistoryRecord(details="Rang about an order")])
    sdk.accounting.create_contact_history(sdk.tenant, contact_id, note)
    (line,) = sdk.accounting.get_contact_history(sdk.tenant, contact_id).history_records
    assert line.details == "Rang about an order"


def test_a_batch_of_notes_and_a_refused_one(sdk: Sdk, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    batch = HistoryRecords(history_records=[HistoryRecord(details="One"), HistoryRecord(details="Two")])
    added = sdk.accounting.create_contact_history(sdk.tenant, contact_id, batch).history_records
    assert [each.details for each in added] == ["One", "Two"]
    lines = sdk.accounting.get_contact_history(sdk.tenant, contact_id).history_records
    assert [(each.details, each.changes, each.user) for each in lines] == [
        ("Two", "Note", "System Generated"),
        ("One", "Note", "System Generated"),
    ]
    assert all(each.date_utc is not None for each in lines)
    too_long = HistoryRecords(history_records=[HistoryRecord(details="x" * 2501)])
    with pytest.raises(AccountingBadRequestException) as refused:
        sdk.accounting.create_contact_history(sdk.tenant, contact_id, too_long)
    assert refused.value.error_data["Type"] == "ValidationException"


def test_the_token_is_refreshed(sdk: Sdk, clock: Clock) -> None:
    first = dict(sdk.token)
    clock.forward(minutes=31)
    with pytest.raises(ApiException) as expired:
        sdk.contacts(page=1)
    assert expired.value.status == 401
    sdk.token["scope"] = SCOPE.split()
    sdk.client.configuration.oauth2_token.update_token(**sdk.token)
    assert sdk.client.configuration.oauth2_token.refresh_access_token(sdk.client)
    assert sdk.token["access_token"] != first["access_token"]
    assert sdk.token["refresh_token"] != first["refresh_token"]
    assert sdk.contacts(page=1)
