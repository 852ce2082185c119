"""A creation whose outcome is unknown: repeated under its key, looked for by our number, and never doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.enums import LinkState, SyncState
from posxero.services.push import linking
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


@pytest.fixture
def nell(shop: Shop) -> Contact:
    """A customer who is linked and not in Xero yet."""
    contact = shop.unlinked("Nell New", email="nell@shop.example")
    link(shop, contact)
    return contact


def link(shop: Shop, contact: Contact) -> None:
    linking.link_to_xero(shop.session, shop.business.id, contact.id, by="Mana", now=now(), jobs=shop.jobs)


def names(shop: Shop) -> list[str]:
    return [held["Name"] for held in shop.xero.contacts()]


def test_a_hanging_creation_is_repeated_with_its_key_and_body_and_the_rename_follows(shop: Shop, nell: Contact) -> None:
    shop.xero.fault("late", method="PUT")
    shop.push()
    shop.edit(nell, name="Nell Renamed")
    shop.wait_over()
    shop.push()
    shop.push()
    (held,) = shop.xero.late_writes()
    shop.xero.land()
    assert names(shop) == ["Nell Renamed"]
    assert shop.badge(nell).state is SyncState.SYNCED
    assert held["idempotency_key"] != ""
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["PUT", "GET", "PUT", "GET", "POST"]


def test_a_creation_that_lands_after_its_key_is_forgotten_makes_no_second_contact(shop: Shop, nell: Contact) -> None:
    shop.xero.fault("late", method="PUT")
    shop.push()
    shop.edit(nell, name="Nell Renamed")
    shop.later(minutes=10)
    shop.push()
    shop.xero.land()
    shop.later(minutes=10)
    shop.push()
    assert names(shop) == ["Nell Renamed"]
    assert shop.badge(nell).state is SyncState.SYNCED


def test_a_refused_creation_that_landed_late_is_found(shop: Shop, nell: Contact) -> None:
    shop.xero.fault("late", method="PUT")
    shop.push()
    other = shop.xero.add(Name="Nell New")
    shop.wait_over()
    shop.push()
    assert shop.badge(nell).state is SyncState.FAILED
    shop.xero.edit(other["ContactID"], Name="Somebody Else")
    shop.edit(nell, name="Nell Two")
    shop.later(minutes=10)
    shop.push()
    shop.xero.land()
    shop.later(minutes=10)
    shop.push()
    assert names(shop).count("Nell Two") == 1
    assert len(names(shop)) == 2
    assert shop.badge(nell).state is SyncState.SYNCED


def test_after_a_refusal_newer_details_go_under_a_new_key(shop: Shop, nell: Contact) -> None:
    shop.xero.add(Name="Nell New")
    shop.push()
    assert shop.badge(nell).state is SyncState.FAILED
    assert shop.link(nell).creation_key == ""
    shop.edit(nell, name="Nell Two")
    shop.push()
    assert sorted(names(shop)) == ["Nell New", "Nell Two"]
    assert shop.badge(nell).state is SyncState.SYNCED


@pytest.mark.parametrize("kind", ["other_number", "other_id"])
def test_an_answer_about_another_contact_links_nothing_and_is_looked_into(shop: Shop, nell: Contact, kind: str) -> None:
    other = shop.xero.add(Name="Somebody Else", ContactNumber="777")
    shop.xero.fault(kind, method="PUT", value=other["ContactID"] if kind == "other_id" else "777")
    shop.push()
    shop.wait_over()
    shop.push()
    assert shop.held(nell)["Name"] == "Nell New"
    assert len(names(shop)) == 2
    assert shop.badge(nell).state is SyncState.SYNCED


def test_a_customer_is_not_unlinked_while_xero_may_be_adding_it(shop: Shop, nell: Contact) -> None:
    shop.xero.fault("late", method="PUT")
    shop.push()
    shop.wait_over()
    with pytest.raises(linking.CreationUnresolved):
        linking.unlink(shop.session, shop.business.id, nell.id, by="Mana", now=now())
    shop.xero.land()
    shop.push()
    linking.unlink(shop.session, shop.business.id, nell.id, by="Mana", now=now())
    assert shop.badge(nell).state is SyncState.NONE


def test_a_creation_owed_by_a_restored_backup_finds_what_was_created(shop: Shop, nell: Contact) -> None:
    shop.xero.add(Name="Nell New", ContactNumber=str(nell.id), EmailAddress="nell@shop.example")
    nell.created_at = nell.created_at.replace(year=2020)
    shop.session.commit()
    shop.push()
    assert shop.xero.calls("/api.xro", "PUT") == []
    assert len(names(shop)) == 1
    assert shop.badge(nell).state is SyncState.SYNCED


def test_a_number_that_is_taken_by_our_own_contact_links_it(shop: Shop, nell: Contact) -> None:
    shop.xero.add(Name="Nell Old", ContactNumber=str(nell.id))
    shop.push()
    assert names(shop) == ["Nell New"]
    assert shop.badge(nell).state is SyncState.SYNCED


def test_a_customer_unlinked_during_an_unknown_creation_and_linked_again_is_one_contact(
    shop: Shop, nell: Contact
) -> None:
    shop.xero.fault("late", method="PUT")
    shop.push()
    shop.wait_over()
    with writing(shop.session):  # as a restored backup, or an earlier version, leaves it
        shop.session.delete(shop.session.get_one(Link, (shop.business.id, shop.link(nell).id)))
    shop.xero.land()
    link(shop, nell)
    shop.push()
    assert names(shop) == ["Nell New"]
    assert shop.link(nell).state is LinkState.ACTIVE
    assert shop.badge(nell).state is SyncState.SYNCED
