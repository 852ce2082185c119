"""Our client and Practice Xero agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from posxero.xero import connections_api, identity
from posxero.xero.contact_reading import read_copy
from posxero.xero.contact_writing import creation_of, update_of
from posxero.xero.errors import (
    ConsentLost,
    Missing,
)

if TYPE_CHECKING:
    import httpx2

    from posxero.settings import Settings
    from posxero.xero.client import XeroClient
    from tests.support.practice_server import PracticeServer


def filled(value: Any) -> Any:
    """Leave out what is empty: Xero shows it or not, as it likes."""
    if isinstance(value, dict):
        kept = {key: filled(held) for key, held in value.items()}
        return {key: held for key, held in kept.items() if held} or None
    return value or None


def test_a_walk_reads_every_contact_once(client: XeroClient, practice: PracticeServer) -> None:
    first = client.contacts_page(1, 20)
    assert (first.page_count, first.item_count, len(first.contacts)) == (3, 50, 20)
    pages = [client.contacts_page(number, 20).contacts for number in (2, 3)]
    ids = [contact.contact_id for page in (first.contacts, *pages) for contact in page]
    assert [str(one) for one in sorted(ids, key=str)] == [held["ContactID"] for held in practice.contacts()]
    assert client.contacts_page(4, 20).contacts == []
    assert any(contact.contact_status == "ARCHIVED" for page in (first.contacts, *pages) for contact in page)


def test_what_changed_since_is_read_alone(client: XeroClient, practice: PracticeServer, clock: Any) -> None:
    clock.forward(minutes=20)
    since = clock() - timedelta(minutes=1)
    assert client.contacts_page(1, 100, modified_since=since).contacts == []
    changed = practice.contacts()[7]["ContactID"]
    practice.edit(changed, FirstName="Zoë")
    (contact,) = client.contacts_page(1, 100, modified_since=since).contacts
    assert (str(contact.contact_id), contact.first_name) == (changed, "Zoë")


def test_an_update_changes_our_fields_and_no_other(client: XeroClient, practice: PracticeServer) -> None:
    active = [one for one in client.contacts_page(1, 100).contacts if one.contact_status == "ACTIVE"]
    contact = next(one for one in active if practice.contact(one.contact_id)["ContactPersons"])
    before = practice.contact(contact.contact_id)
    copy = read_copy(contact)
    values = {**copy.values, "email": "new@example.test", "mobile": "021 555 000"}
    (answer,) = client.post_contacts([update_of(contact.contact_id, values, copy, tax_number_edited=False)])
    assert answer.is_written
    assert read_copy(answer).values == values
    after = practice.contact(contact.contact_id)
    assert after["Phones"]["MOBILE"]["PhoneNumber"] == "021 555 000"
    assert after["ContactPersons"] == before["ContactPersons"]
    for key in after.keys() - {"EmailAddress", "Phones", "UpdatedDateUTC"}:
        assert filled(after[key]) == filled(before.get(key)), key


def test_each_element_has_its_own_answer(client: XeroClient) -> None:
    contacts = client.contacts_page(1, 100).contacts
    first, second, *_ = [one for one in contacts if one.contact_status == "ACTIVE"]
    archived = next(one for one in contacts if one.contact_status == "ARCHIVED")
    elements = []
    for contact, name in ((first, "A new name"), (second, "A new name"), (archived, "Another")):
        copy = read_copy(contact)
        elements.append(update_of(contact.contact_id, {**copy.values, "name": name}, copy, tax_number_edited=False))
    answers = client.post_contacts(elements)
    assert [answer.is_written for answer in answers] == [True, False, False]
    assert "already assigned to another contact" in answers[1].error_messages[0]
    assert "Archived contacts cannot currently be edited" in answers[2].error_messages[0]


def test_a_creation_is_found_again_by_its_number(client: XeroClient, practice: PracticeServer) -> None:
    ours = uuid4()
    created = client.put_contact(creation_of(ours, {"name": "Ann Smith", "email": "ann@example.test"}), f"a:{ours}")
    assert created.is_written
    again = client.put_contact(creation_of(ours, {"name": "Ann Smith", "email": "ann@example.test"}), f"a:{ours}")
    assert again.contact_id == created.contact_id
    (found,) = client.contacts_by_number(str(ours))
    assert (found.contact_id, found.name) == (created.contact_id, "Ann Smith")
    assert practice.named("Ann Smith")["EmailAddress"] == "ann@example.test"


def test_contacts_are_found_by_a_part_of_what_they_are_called(client: XeroClient, practice: PracticeServer) -> None:
    named = practice.add(Name="Zeal & Co (NZ)", ContactNumber="Z-1")
    archived = practice.add(Name="Old zeal")
    practice.act(archived["ContactID"], "archive")
    assert {contact.name for contact in client.contacts_by_term("ZEAL", page_size=20)} == {"Zeal & Co (NZ)", "Old zeal"}
    assert [str(one.contact_id) for one in client.contacts_by_term("z-1", page_size=20)] == [named["ContactID"]]
    assert len(client.contacts_by_term("a", page_size=2)) == 2


def test_contacts_are_read_by_their_ids(client: XeroClient) -> None:
    ids = [contact.contact_id for contact in client.contacts_page(1, 40).contacts]
    assert {contact.contact_id for contact in client.contacts_by_ids([*ids[:39], uuid4()])} == set(ids[:39])
    with pytest.raises(ValueError, match="41 ids"):
        client.contacts_by_ids([uuid4() for _ in range(41)])


def test_an_element_without_an_id_is_never_sent(client: XeroClient, practice: PracticeServer) -> None:
    with pytest.raises(ValueError, match="ContactID"):
        client.post_contacts([{"Name": "Somebody's"}])
    assert practice.calls("/api.xro") == []


def test_an_unknown_id_is_missing(client: XeroClient) -> None:
    with pytest.raises(Missing):
        client.post_contacts([{"ContactID": str(uuid4()), "Name": "Nobody"}])


def test_refresh_connections_and_leaving(settings: Settings, http: httpx2.Client, practice: PracticeServer) -> None:
    issued = practice.tokens([one.tenant_id for one in practice.organisations])
    new = identity.refresh(http, settings, str(issued["refresh_token"]))
    assert new.lifetime == timedelta(minutes=30)
    assert new.auth_event_id
    found = connections_api.list_tenants(http, settings, new.tokens.access, new.auth_event_id)
    assert {str(one.tenant_id) for one in found} == {one.tenant_id for one in practice.organisations}
    assert connections_api.list_tenants(http, settings, new.tokens.access, str(uuid4())) == []
    connections_api.delete_connection(http, settings, new.tokens.access, found[0].id)
    connections_api.delete_connection(http, settings, new.tokens.access, found[0].id)
    assert [one.id for one in connections_api.list_tenants(http, settings, new.tokens.access)] == [found[1].id]
    practice.revoke(new.tokens.refresh)
    with pytest.raises(ConsentLost):
        identity.refresh(http, settings, new.tokens.refresh)
