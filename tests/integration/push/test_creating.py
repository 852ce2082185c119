"""A customer that Xero does not have is added there: once, whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import LinkState, SyncState
from posxero.services.errors import NotConnected
from posxero.services.push import linking
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


def link(shop: Shop, contact: Contact) -> None:
    linking.link_to_xero(shop.session, shop.business.id, contact.id, by="Mana", now=now(), jobs=shop.jobs)


@pytest.fixture
def new(shop: Shop) -> Contact:
    """A customer who was added here, and linked."""
    contact = shop.unlinked("Nell New", email="nell@shop.example", phone="09 555 0001")
    link(shop, contact)
    return contact


def test_a_linked_customer_is_added_to_xero(shop: Shop, new: Contact) -> None:
    assert shop.badge(new).state is SyncState.WAITING
    assert shop.jobs.pushes == [shop.business.id]
    shop.push()
    (held,) = shop.xero.contacts()
    assert (held["Name"], held["ContactNumber"]) == ("Nell New", str(new.id))
    assert held["Phones"]["DEFAULT"]["PhoneNumber"] == "09 555 0001"
    assert str(shop.link(new).xero_id) == held["ContactID"]
    assert shop.badge(new).state is SyncState.SYNCED


def test_linking_twice_makes_one_link(shop: Shop, new: Contact) -> None:
    link(shop, new)
    shop.push()
    link(shop, new)
    shop.push()
    assert len(shop.xero.contacts()) == 1


@pytest.mark.parametrize("kind", ["500", "503", "drop_before", "drop_after"])
def test_a_creation_whose_answer_is_lost_makes_no_second_contact(shop: Shop, new: Contact, kind: str) -> None:
    shop.xero.fault(kind, method="PUT")
    shop.push()
    assert shop.badge(new).state is SyncState.PAUSED
    shop.wait_over()
    shop.push()
    assert [held["ContactNumber"] for held in shop.xero.contacts()] == [str(new.id)]
    assert shop.badge(new).state is SyncState.SYNCED


def test_an_edit_after_a_lost_creation_reaches_the_same_contact(shop: Shop, new: Contact) -> None:
    shop.xero.fault("drop_after", method="PUT")
    shop.push()
    shop.edit(new, email="nell@new.example")
    shop.wait_over()
    shop.push()
    (held,) = shop.xero.contacts()
    assert held["EmailAddress"] == "nell@new.example"
    assert shop.badge(new).state is SyncState.SYNCED


def test_a_taken_name_is_parked_and_nobody_is_overwritten(shop: Shop, new: Contact) -> None:
    shop.xero.add(Name="Nell New", EmailAddress="other@shop.example")
    shop.push()
    (held,) = shop.xero.contacts()
    assert held["EmailAddress"] == "other@shop.example"
    assert shop.badge(new).state is SyncState.FAILED
    assert "Another contact in Xero is called Nell New" in shop.link(new).reason


def test_a_contact_archived_after_a_lost_creation_is_not_created_again(shop: Shop, new: Contact) -> None:
    shop.xero.fault("drop_after", method="PUT")
    shop.push()
    (held,) = shop.xero.contacts()
    shop.xero.edit(held["ContactID"], ContactStatus="ARCHIVED")
    shop.wait_over()
    shop.push()
    assert shop.link(new).state is LinkState.ARCHIVED
    assert len(shop.xero.contacts()) == 1


def test_without_a_connection_there_is_nothing_to_link_to(shop: Shop) -> None:
    contact = shop.unlinked("Nell New")
    shop.session.delete(shop.connection)
    shop.session.commit()
    with pytest.raises(NotConnected, match="Connect to Xero first"):
        link(shop, contact)
