"""A request that Xero carries out long after its answer was given up: Xero ends right, and the badge with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import ActivityKind, SyncState
from posxero.services.push import engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

FIRST, LAST = 2, 10  # minutes after which Xero is read again: POSXERO_VERIFY_AGAIN_SECONDS


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer of whom an edit is on its way to Xero, unanswered, and a newer one is there."""
    ann = shop.edit(shop.customer("Ann Smith"), email="one@shop.example")
    shop.xero.fault("late", method="POST")
    shop.push()
    shop.edit(ann, email="two@shop.example")
    shop.wait_over()
    shop.push()
    assert in_xero(shop, ann, "two@shop.example")
    return ann


def in_xero(shop: Shop, contact: Contact, email: str) -> bool:
    return shop.held(contact)["EmailAddress"] == email and shop.badge(contact).state is SyncState.SYNCED


@pytest.mark.parametrize(("passed", "then"), [(FIRST, 0), (FIRST, LAST), (LAST, 0)])
def test_what_lands_after_a_newer_push_does_not_have_the_last_word(
    shop: Shop, ann: Contact, passed: int, then: int
) -> None:
    if then:
        shop.later(minutes=passed)
        shop.push()
    shop.xero.land()
    assert shop.held(ann)["EmailAddress"] == "one@shop.example"
    shop.later(minutes=then or passed)
    shop.push()
    assert in_xero(shop, ann, "two@shop.example")


def test_the_checks_are_two_reads_and_then_over(shop: Shop, ann: Contact) -> None:
    shop.xero.clear_calls()
    for _ in range(5):
        shop.later(minutes=FIRST)
        shop.push()
    shop.later(minutes=LAST)
    shop.push()
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["GET", "GET"]
    assert (shop.link(ann).unconfirmed, shop.link(ann).verify_again_at) == ([], None)


def test_forty_checks_are_one_read(shop: Shop) -> None:
    customers = shop.customers([f"Customer {n}" for n in range(41)])
    shop.set_email(customers, "one@shop.example")
    shop.xero.fault("late", method="POST")
    shop.push()
    shop.wait_over()
    shop.push()
    shop.xero.clear_calls()
    shop.later(minutes=FIRST)
    shop.push()
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["GET", "GET"]
    assert {shop.badge(contact).state for contact in customers} == {SyncState.SYNCED}


def test_what_somebody_changed_in_xero_meanwhile_is_shown_and_not_overwritten(shop: Shop, ann: Contact) -> None:
    shop.xero.edit(shop.link(ann).xero_id, EmailAddress="books@shop.example")
    posts = shop.posts()
    shop.later(minutes=FIRST)
    shop.push()
    assert shop.posts() == posts
    assert shop.held(ann)["EmailAddress"] == "books@shop.example"
    assert shop.badge(ann).state is SyncState.CHANGED
    told = shop.history(ann)[-1]
    assert (told.kind, told.changes) == (
        ActivityKind.CHANGED_IN_XERO,
        [["email", "two@shop.example", "books@shop.example"]],
    )


def test_what_a_stopped_worker_sent_is_checked_for_too(shop: Shop, make_session: Callable[[], Session]) -> None:
    ann = shop.edit(shop.customer("Ann Smith"), email="one@shop.example")
    engine.claim_next(make_session(), shop.business.id, shop.ports)
    shop.leases_over()
    shop.edit(ann, email="two@shop.example")
    shop.push()
    assert in_xero(shop, ann, "two@shop.example")
    shop.xero.edit(shop.link(ann).xero_id, EmailAddress="one@shop.example")
    shop.later(minutes=FIRST)
    shop.push()
    assert in_xero(shop, ann, "two@shop.example")


def test_a_refused_customer_is_read_but_not_sent_again(shop: Shop, ann: Contact) -> None:
    shop.xero.add(Name="Taken Ltd")
    shop.edit(ann, name="Taken Ltd")
    shop.push()
    assert shop.badge(ann).state is SyncState.FAILED
    shop.xero.land()
    posts = shop.posts()
    shop.later(minutes=LAST)
    shop.push()
    assert shop.posts() == posts
    assert shop.badge(ann).state is SyncState.FAILED
    assert shop.link(ann).copy["values"]["email"] == "one@shop.example"


def test_a_push_at_the_time_of_a_check_is_that_check(shop: Shop, ann: Contact) -> None:
    shop.later(minutes=FIRST)
    shop.edit(ann, email="three@shop.example")
    shop.xero.clear_calls()
    shop.push()
    shop.push()
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["POST"]
    assert in_xero(shop, ann, "three@shop.example")
