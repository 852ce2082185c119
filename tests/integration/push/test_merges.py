"""Contacts that were merged in Xero: into whom, along chains and out of loops, and the customer that follows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState, SyncState
from posxero.services.push.links import following, lookups
from posxero.services.push.links.following import SurvivorTaken, SurvivorUnknown
from posxero.services.push.links.merges import Survivor, SurvivorState
from tests.support import merges
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


@pytest.fixture
def ann(shop: Shop) -> Contact:
    return shop.customer("Ann Smith")


def merge(shop: Shop, contact: Contact, *into: object) -> None:
    """Merge a customer's contact into one after another, each into the next; then save the customer."""
    chain = [shop.link(contact).xero_id, *into]
    for loser, winner in pairwise(chain):
        shop.xero.act(loser, "merge", into=str(winner))
    shop.edit(contact, email="ann@new.example")
    shop.push()
    assert shop.link(contact).state is LinkState.MERGED
    lookups.look_up(shop.session, shop.business.id, shop.ports)


def survivor(shop: Shop, contact: Contact) -> Survivor:
    found = Survivor.of(shop.link(contact))
    assert found is not None
    return found


def follow(shop: Shop, contact: Contact) -> str:
    return following.follow(shop.session, shop.business, contact.id, by="Mana", now=now(), jobs=shop.jobs)


def test_the_customer_follows_along_a_chain_and_what_was_saved_is_sent(shop: Shop, ann: Contact) -> None:
    second, third = (shop.xero.add(Name=name)["ContactID"] for name in ("Second", "Third"))
    merge(shop, ann, second, third)
    assert survivor(shop, ann).name == "Third"
    assert follow(shop, ann) == "Third"
    shop.push()
    assert str(shop.link(ann).xero_id) == third
    assert shop.xero.contact(third)["EmailAddress"] == "ann@new.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_merge_is_due_for_the_sweep_until_it_is_looked_up(shop: Shop, ann: Contact) -> None:
    other = shop.xero.add(Name="Other")["ContactID"]
    shop.xero.act(shop.link(ann).xero_id, "merge", into=other)
    shop.edit(ann, email="ann@new.example")
    shop.push()
    assert lookups.due_businesses(shop.session, now=now()) == [shop.business.id]
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    assert lookups.due_businesses(shop.session, now=now()) == []


def test_a_chain_that_leads_back_ends(shop: Shop, ann: Contact) -> None:
    second, third = (shop.xero.add(Name=name)["ContactID"] for name in ("Second", "Third"))
    shop.xero.act(shop.link(ann).xero_id, "merge", into=second)
    shop.xero.edit(second, ContactStatus="ARCHIVED", MergedToContactID=third)
    shop.xero.edit(third, ContactStatus="ARCHIVED", MergedToContactID=second)
    merge(shop, ann)
    assert survivor(shop, ann).state is SurvivorState.LOOP
    with pytest.raises(SurvivorUnknown):
        follow(shop, ann)


@pytest.mark.parametrize(("action", "state"), [("archive", SurvivorState.ARCHIVED), ("erase", SurvivorState.ERASED)])
def test_a_survivor_that_is_not_in_use_is_told(shop: Shop, ann: Contact, action: str, state: SurvivorState) -> None:
    other = shop.xero.add(Name="Other")["ContactID"]
    shop.xero.act(shop.link(ann).xero_id, "merge", into=other)
    shop.xero.act(other, action)
    merge(shop, ann)
    assert survivor(shop, ann).state is state


def test_a_survivor_that_is_archived_is_followed_and_still_has_a_cure(shop: Shop, ann: Contact) -> None:
    other = shop.xero.add(Name="Other")["ContactID"]
    shop.xero.act(shop.link(ann).xero_id, "merge", into=other)
    shop.xero.act(other, "archive")
    merge(shop, ann)
    follow(shop, ann)
    assert shop.badge(ann).label == "Archived in Xero"


def test_a_survivor_that_another_customer_has_is_nobody_elses(shop: Shop, ann: Contact) -> None:
    bob = shop.customer("Bob Brown")
    merge(shop, ann, shop.link(bob).xero_id)
    with pytest.raises(SurvivorTaken) as conflict:
        follow(shop, ann)
    assert conflict.value.other.name == "Bob Brown"
    assert shop.badge(bob).state is SyncState.SYNCED


def test_a_customer_that_was_not_merged_has_nothing_to_follow(shop: Shop, ann: Contact) -> None:
    with pytest.raises(SurvivorUnknown):
        follow(shop, ann)


def test_a_contact_that_was_merged_elsewhere_since_is_looked_up_again(shop: Shop, ann: Contact) -> None:
    second, third = (shop.xero.add(Name=name)["ContactID"] for name in ("Second", "Third"))
    merge(shop, ann, second)
    with writing(shop.session):
        link = shop.session.get_one(Link, (shop.business.id, shop.link(ann).id))
        link.copy = link.copy | {"merged_to": third}
    assert Survivor.of(shop.link(ann)) is None
    assert lookups.due_businesses(shop.session, now=now()) == [shop.business.id]
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    assert survivor(shop, ann).name == "Third"
    assert lookups.due_businesses(shop.session, now=now()) == []


def test_customers_that_were_merged_here_follow_a_merge_the_other_way_round_by_themselves(
    shop: Shop, ann: Contact
) -> None:
    bob = shop.customer("Bob Brown")
    kept_in_xero = shop.link(bob).xero_id
    merges.merge_into(shop.session, shop.business, ann, bob)
    shop.push()
    merge(shop, ann, kept_in_xero)
    assert shop.link(ann).xero_id == kept_in_xero
    shop.push()
    assert shop.xero.contact(kept_in_xero)["Name"] == "Ann Smith"
    assert shop.badge(ann).state is SyncState.SYNCED
    assert shop.session.scalars(select(Link.contact_id)).all() == [ann.id]


def test_a_customer_that_was_merged_further_follows_nobody(shop: Shop) -> None:
    first, second, last = shop.customers(["Ann", "Bob", "Cat"])
    merges.merge_into(shop.session, shop.business, second, first)
    merges.merge_into(shop.session, shop.business, last, second)
    into = str(shop.link(first).xero_id)
    with writing(shop.session):
        link = shop.session.scalars(select(Link).where(Link.contact_id == second.id)).one()
        copy = link.copy | {"merged_to": into}
        link.state, link.copy = LinkState.MERGED, copy
        link.survivor = Survivor(into, UUID(into), SurvivorState.IN_USE, XeroCopy.from_json(copy)).to_json()
    following.follow_merged_here(shop.session, shop.connection, now=now())
    assert str(shop.link(second).xero_id) != into
