"""Linking a customer to a contact that Xero has: candidates, a search that a job makes, and what linking changes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from posxero.db.xero_lookup import XeroSearch
from posxero.domain.enums import ActivityKind, LinkState, SyncState
from posxero.services import sweep
from posxero.services.errors import NotConnected
from posxero.services.push import linking
from posxero.services.push.links import candidates, copies, joining, lookups, searches
from posxero.services.push.links.candidates import LinkCandidate, choice_for
from posxero.services.push.links.joining import LinkRefused
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


@pytest.fixture
def ana(shop: Shop) -> Contact:
    """A customer who is not linked."""
    return shop.unlinked("Ana Reid", email="ana@shop.example")


def search(shop: Shop, contact: Contact, term: str) -> list[LinkCandidate]:
    """Ask, let a worker answer, and return what the page shows."""
    searches.ask(shop.session, shop.business.id, contact.id, term, now=now(), jobs=shop.jobs)
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    return found(shop, contact)


def found(shop: Shop, contact: Contact) -> list[LinkCandidate]:
    shop.session.expire_all()
    return list(choice_for(shop.session, shop.business, contact, shop.connection.tenant_id, now=now()).candidates)


def join(shop: Shop, contact: Contact, xero_id: object) -> None:
    chosen = UUID(str(xero_id))
    joining.link_to_contact(shop.session, shop.business, contact.id, chosen, by="Mana", now=now(), jobs=shop.jobs)


def test_a_search_shows_why_each_contact_may_be_the_customer(shop: Shop, ana: Contact) -> None:
    shop.customer("Ana Reidsma")
    shop.xero.add(Name="ANA REID", EmailAddress="ana@shop.example")
    archived = shop.xero.add(Name="Ana Reid & Co")
    shop.xero.act(archived["ContactID"], "archive")
    shown = search(shop, ana, "ana reid")
    assert (shown[0].name, shown[0].reasons) == ("ANA REID", ("same name and email",))
    rest = {one.name: one for one in shown[1:]}
    assert rest["Ana Reid & Co"].status == "Archived in Xero"
    assert rest["Ana Reidsma"].linked is not None
    assert [one.may_be_linked for one in shown] == [True, False, False]


def test_linking_fills_what_is_empty_and_sends_nothing(shop: Shop, ana: Contact) -> None:
    held = shop.xero.add(Name="Ana Reid Ltd", FirstName="Ana", EmailAddress="old@shop.example")
    search(shop, ana, "ana reid")
    shop.xero.clear_calls()
    join(shop, ana, held["ContactID"])
    shop.push()
    shop.session.refresh(ana)
    assert (ana.name, ana.first_name, ana.email) == ("Ana Reid", "Ana", "ana@shop.example")
    assert shop.posts() == 0
    assert shop.badge(ana).label == "Differs from Xero"
    linked = [one for one in shop.history(ana) if one.kind is ActivityKind.LINKED]
    assert [one.changes for one in linked] == [[["first_name", "", "Ana"]]]


def test_a_link_that_was_just_made_is_read_again(shop: Shop, ana: Contact) -> None:
    held = shop.xero.add(Name="Ana Reid", EmailAddress="ana@shop.example")
    search(shop, ana, "ana")
    shop.xero.edit(held["ContactID"], EmailAddress="new@shop.example")
    join(shop, ana, held["ContactID"])
    assert shop.badge(ana).state is SyncState.SYNCED
    shop.push()
    assert shop.badge(ana).label == "Changed in Xero"
    assert shop.posts() == 0


def test_a_contact_that_another_customer_has_is_refused(shop: Shop, ana: Contact) -> None:
    bob = shop.customer("Ana Reid")
    search(shop, ana, "ana")
    with pytest.raises(LinkRefused, match="already linked to Ana Reid"):
        join(shop, ana, shop.link(bob).xero_id)
    assert shop.badge(ana).state is SyncState.NONE


def test_an_archived_contact_is_refused(shop: Shop, ana: Contact) -> None:
    held = shop.xero.add(Name="Ana Reid")
    shop.xero.edit(held["ContactID"], ContactStatus="ARCHIVED")
    search(shop, ana, "ana")
    with pytest.raises(LinkRefused, match=r"no longer in use in Xero \(Archived in Xero\)\. Choose another contact\."):
        join(shop, ana, held["ContactID"])
    assert shop.badge(ana).state is SyncState.NONE


def test_two_people_who_link_the_same_contact_at_once_do_not_both(
    shop: Shop, ana: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = shop.customer("Ana Reid")
    search(shop, ana, "ana")
    monkeypatch.setattr(candidates, "_linked", lambda *_: {})  # as it was read before the other one's commit
    with pytest.raises(LinkRefused, match="just linked to somebody else"):
        join(shop, ana, shop.link(bob).xero_id)
    assert shop.badge(ana).state is SyncState.NONE


def test_a_contact_that_was_not_found_is_refused(shop: Shop, ana: Contact) -> None:
    held = shop.xero.add(Name="Somebody")
    with pytest.raises(LinkRefused, match="Search in Xero again"):
        join(shop, ana, held["ContactID"])


def test_the_contact_of_a_removed_link_is_the_first_candidate(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    xero_id = shop.link(ann).xero_id
    linking.unlink(shop.session, shop.business.id, ann.id, by="Mana", now=now())
    (first,) = found(shop, ann)
    assert (first.xero_id, first.reasons) == (xero_id, ("linked before", "same name"))
    join(shop, ann, xero_id)
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_customer_whose_name_is_taken_is_linked_to_that_contact(shop: Shop) -> None:
    held = shop.xero.add(Name="Taken Ltd")
    ann = shop.edit(shop.customer("Ann Smith"), name="Taken Ltd")
    shop.push()
    assert shop.badge(ann).state is SyncState.FAILED
    search(shop, ann, "Taken")
    join(shop, ann, held["ContactID"])
    assert str(shop.link(ann).xero_id) == held["ContactID"]
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_search_that_no_worker_heard_of_is_found_by_the_sweep(shop: Shop, ana: Contact) -> None:
    searches.ask(shop.session, shop.business.id, ana.id, "ana", now=now(), jobs=shop.jobs)
    assert lookups.due_businesses(shop.session, now=now()) == [shop.business.id]
    shop.session.commit()
    shop.jobs.look_ups.clear()
    sweep.run(shop.session, shop.jobs, shop.ports.settings.timings, now=now())
    assert shop.jobs.look_ups == [shop.business.id]
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    assert lookups.due_businesses(shop.session, now=now()) == []


def test_a_search_waits_while_xero_is_away_and_says_so(shop: Shop, ana: Contact) -> None:
    shop.xero.fault("503")
    search(shop, ana, "ana")
    row = shop.session.query(XeroSearch).one()
    assert (row.answered_at, row.reason) == (None, "Xero isn't responding.")
    shop.session.commit()
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    shop.session.refresh(row)
    assert row.answered_at is not None
    assert row.reason == ""


def test_a_search_without_a_connection_is_refused(shop: Shop, ana: Contact) -> None:
    shop.session.delete(shop.connection)
    shop.session.commit()
    with pytest.raises(NotConnected):
        searches.ask(shop.session, shop.business.id, ana.id, "ana", now=now(), jobs=shop.jobs)


def test_results_are_forgotten_after_an_hour(shop: Shop, ana: Contact) -> None:
    shop.xero.add(Name="Ana Reid")
    search(shop, ana, "ana")
    later = now() + copies.SEARCH_LIFETIME
    shop.session.commit()
    copies.delete_expired(shop.session, now=later)
    assert found(shop, ana) == []


def test_a_contact_that_xero_lost_is_created_again(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.remove(shop.link(ann).xero_id)
    shop.edit(ann, email="ann@new.example")
    shop.push()
    assert shop.link(ann).state is LinkState.MISSING
    linking.create_again(shop.session, shop.business.id, ann.id, by="Mana", now=now(), jobs=shop.jobs)
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "ann@new.example"
    assert [held["Name"] for held in shop.xero.contacts()] == ["Ann Smith"]
