"""Xero says no to a contact: it is parked with a reason and a cure, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import update

from posxero.db.contact import Link
from posxero.domain.enums import ActivityKind, LinkState, SyncState

if TYPE_CHECKING:
    from tests.support.pushing import Shop
    from tests.support.transports import Send


def test_a_taken_name_is_parked_with_its_cure_and_the_others_are_sent(shop: Shop) -> None:
    ann, bob = shop.customer("Ann Smith"), shop.customer("Bob Lee")
    shop.xero.add(Name="Taken Ltd")
    shop.edit(ann, name="Taken Ltd")
    shop.edit(bob, email="bob@shop.example")
    shop.push()
    assert shop.badge(ann).state is SyncState.FAILED
    assert shop.badge(bob).state is SyncState.SYNCED
    reason = shop.link(ann).reason
    assert reason.startswith("Another contact in Xero is called Taken Ltd. Change the name here, or rename or archive")
    assert "already assigned to another contact" in reason
    told = shop.history(ann)[-1]
    assert (told.kind, told.note) == (ActivityKind.NOT_SENT, reason)
    assert "ValidationErrors" in told.raw
    assert told.sent["name"] == "Taken Ltd"


def test_a_parked_customer_is_not_tried_again_by_itself(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.add(Name="Taken Ltd")
    shop.edit(ann, name="Taken Ltd")
    for _ in range(3):
        shop.push()
        shop.wait_over()
    assert shop.posts() == 1


def test_the_next_save_clears_the_refusal_and_is_sent(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.add(Name="Taken Ltd")
    shop.edit(ann, name="Taken Ltd")
    shop.push()
    shop.edit(ann, name="Ann Jones")
    assert shop.badge(ann).state is SyncState.WAITING
    shop.push()
    assert shop.held(ann)["Name"] == "Ann Jones"
    assert shop.badge(ann).state is SyncState.SYNCED


@pytest.mark.parametrize(
    ("held", "state", "label"),
    [
        ({"ContactStatus": "ARCHIVED"}, LinkState.ARCHIVED, "Archived in Xero"),
        ({"ContactStatus": "ARCHIVED", "MergedToContactID": str(uuid4())}, LinkState.MERGED, "Merged in Xero"),
        ({"ContactStatus": "GDPRREQUEST"}, LinkState.ERASED, "Erased in Xero"),
    ],
)
def test_a_contact_that_is_no_longer_in_use_gets_its_own_state(
    shop: Shop, held: dict[str, str], state: LinkState, label: str
) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.edit(shop.link(ann).xero_id, **held)
    shop.session.execute(update(Link).values(verify_due=state is LinkState.ERASED))
    shop.session.commit()
    shop.edit(ann, email="ann@new.example")
    shop.push()
    assert shop.link(ann).state is state
    assert shop.link(ann).reason != ""
    assert (shop.badge(ann).state, shop.badge(ann).label) == (SyncState.GONE, label)
    assert shop.history(ann)[-1].kind is ActivityKind.GONE_FROM_XERO
    shop.push()
    assert len(shop.xero.contacts()) == 1


def test_a_contact_that_xero_does_not_have_spoils_no_other(shop: Shop) -> None:
    customers = shop.customers([f"Customer {n}" for n in range(7)])
    gone = customers[3]
    shop.xero.remove(shop.link(gone).xero_id)
    for contact in customers:
        shop.edit(contact, email="all@shop.example")
    shop.push()
    assert shop.badge(gone).label == "Not in Xero"
    others = [contact for contact in customers if contact is not gone]
    assert {shop.badge(contact).state for contact in others} == {SyncState.SYNCED}
    assert {shop.held(contact)["EmailAddress"] for contact in others} == {"all@shop.example"}
    assert len(shop.xero.contacts()) == 6


def test_an_edit_during_a_refused_call_is_sent_next(shop: Shop, make_session: object) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.add(Name="Taken Ltd")
    shop.edit(ann, name="Taken Ltd")
    assert callable(make_session)
    other = make_session()

    def edit_meanwhile(request: httpx2.Request, send: Send) -> httpx2.Response:
        shop.edit(ann, other, name="Ann Jones")
        return send(request)

    with shop.intercepting(edit_meanwhile):
        shop.push()
    assert shop.badge(ann).state is SyncState.WAITING
    shop.push()
    assert shop.held(ann)["Name"] == "Ann Jones"


def test_a_404_about_a_contact_that_is_there_parks_nothing(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.edit(ann, email="ann@shop.example")
    answers = iter([httpx2.Response(404, text="The resource you're looking for cannot be found")])

    def lose_the_first_write(request: httpx2.Request, send: Send) -> httpx2.Response:
        return (request.method == "POST" and next(answers, None)) or send(request)

    with shop.intercepting(lose_the_first_write):
        shop.push()
    assert shop.link(ann).state is LinkState.ACTIVE
    assert shop.badge(ann).state is SyncState.WAITING
    shop.wait_over()
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "ann@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED
