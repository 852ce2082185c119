"""The contacts that Practice Xero invents."""

import hashlib
import json
from collections import Counter

from posxero.practice import rules, seed
from posxero.practice.organisations import ORGANISATIONS
from posxero.practice.shapes import Json

TENANT = ORGANISATIONS[0].tenant_id
CONTACTS = list(seed.generate_contacts(TENANT, 1200))
ACTIVE = [contact for contact in CONTACTS if contact["ContactStatus"] == "ACTIVE"]


def share(contacts: list[Json], **flags: bool) -> float:
    return sum(all(contact[key] is value for key, value in flags.items()) for contact in contacts) / len(contacts)


def listed(held: Json, label: str) -> list[Json]:
    return [{label: kind} | parts for kind, parts in held.items()]


def test_they_are_the_same_every_time_and_differ_by_organisation() -> None:
    assert json.dumps(list(seed.generate_contacts(TENANT, 1200))) == json.dumps(CONTACTS)
    others = {contact["ContactID"] for contact in seed.generate_contacts(ORGANISATIONS[1].tenant_id, 60)}
    assert not others & {contact["ContactID"] for contact in CONTACTS}


def test_a_new_version_generates_the_same_contacts() -> None:
    seconds = list(seed.generate_contacts(ORGANISATIONS[1].tenant_id, 60))
    assert [hashlib.sha256(json.dumps(each).encode()).hexdigest()[:16] for each in (CONTACTS, seconds)] == [
        "c3a438a25d6068fc",
        "c09ac57abf00a2e9",
    ]


def test_any_number_can_be_had() -> None:
    assert [len(list(seed.generate_contacts(TENANT, count))) for count in (0, 1, 22, 23, 300)] == [0, 1, 22, 23, 300]


def test_ids_and_names_are_unique() -> None:
    assert len({contact["ContactID"] for contact in CONTACTS}) == 1200
    assert len({contact["Name"].casefold() for contact in CONTACTS}) == 1200


def test_xero_itself_would_take_them() -> None:
    for contact in CONTACTS:
        sent = contact | {
            "Phones": listed(contact["Phones"], "PhoneType"),
            "Addresses": listed(contact["Addresses"], "AddressType"),
        }
        assert rules.validate(sent) == [], contact["Name"]


def test_every_kind_is_there() -> None:
    assert 0.35 < share(CONTACTS, IsCustomer=True, IsSupplier=False) < 0.55
    assert 0.2 < share(CONTACTS, IsCustomer=False, IsSupplier=False) < 0.35
    assert 0.1 < share(CONTACTS, IsCustomer=False, IsSupplier=True) < 0.25
    assert share(CONTACTS, IsCustomer=True, IsSupplier=True) > 0.05
    statuses = Counter(contact["ContactStatus"] for contact in CONTACTS)
    assert 30 < statuses["ARCHIVED"] < 100
    assert statuses["GDPRREQUEST"] == 1


def test_merged_ones_lead_to_an_active_one() -> None:
    active = {contact["ContactID"] for contact in ACTIVE}
    winners = [contact["MergedToContactID"] for contact in CONTACTS if "MergedToContactID" in contact]
    assert len(winners) > 5
    assert active.issuperset(winners)


def test_phones_are_whole_split_shared_and_missing() -> None:
    numbers = [contact["Phones"].get("DEFAULT", {}) for contact in ACTIVE]
    assert sum("PhoneAreaCode" in number and bool(number["PhoneAreaCode"]) for number in numbers) > 200
    assert sum(bool(number) and not number.get("PhoneAreaCode") for number in numbers) > 200
    assert sum(not number for number in numbers) > 100
    shared = Counter(number["PhoneNumber"] for number in numbers if number)
    assert shared.most_common(1)[0][1] > 5


def test_emails_are_shared_and_missing() -> None:
    emails = Counter(contact.get("EmailAddress", "") for contact in ACTIVE)
    assert emails[""] > 100
    assert emails[seed.SHARED_EMAIL] > 3


def test_names_are_long_accented_and_quoted() -> None:
    names = [contact["Name"] for contact in ACTIVE]
    assert any(len(name) == 255 for name in names)
    for mark in ("ā", "é", "'", '"', "&", "王"):
        assert any(mark in name for name in names), mark


def test_some_hold_what_a_push_must_not_touch() -> None:
    for key in ("ContactPersons", "PaymentTerms", "BankAccountDetails"):
        assert sum(bool(contact.get(key)) for contact in ACTIVE) > 20, key
    assert any(contact["Addresses"].get("POBOX", {}).get("AttentionTo") for contact in ACTIVE)
