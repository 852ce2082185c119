"""Xero is away, slow or at its limit: nobody's try is used up, and the push resumes without a press."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx2
import pytest

from posxero.domain.enums import ConnectionState, SyncState
from posxero.services.push.due import due_businesses
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop
    from tests.support.transports import Send


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer whose email was just changed."""
    ann = shop.customer("Ann Smith")
    return shop.edit(ann, email="ann@new.example")


def assert_in_sync(shop: Shop, ann: Contact) -> None:
    assert shop.held(ann)["EmailAddress"] == "ann@new.example"
    assert shop.badge(ann).state is SyncState.SYNCED


@pytest.mark.parametrize("kind", ["503", "drop_before", "drop_after"])
def test_an_outage_pauses_the_organisation_and_uses_up_no_try(shop: Shop, ann: Contact, kind: str) -> None:
    shop.xero.fault(kind)
    shop.push()
    assert shop.badge(ann).state is SyncState.PAUSED
    shop.session.refresh(shop.connection)
    assert shop.connection.paused_until is not None
    assert shop.connection.paused_reason
    assert shop.link(ann).tries == 0
    calls = shop.posts()
    shop.push()
    assert shop.posts() == calls
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, ann)
    shop.session.refresh(shop.connection)
    assert shop.connection.outages == 0


def test_the_waits_of_a_long_outage_grow_to_half_a_minute(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("503", 8)
    waits = []
    for _ in range(8):
        shop.push()
        shop.session.refresh(shop.connection)
        assert shop.connection.paused_until is not None
        waits.append(shop.connection.paused_until - now())
        shop.wait_over()
    assert waits[0] < timedelta(seconds=7)
    assert timedelta(seconds=20) < waits[-1] <= timedelta(seconds=30)
    shop.push()
    assert_in_sync(shop, ann)


def test_a_call_without_an_answer_is_looked_for_before_it_is_sent_again(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("drop_after", method="POST")
    shop.push()
    assert shop.link(ann).verify_due
    assert shop.badge(ann).state is not SyncState.SYNCED
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, ann)
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["POST", "GET"]


@pytest.mark.parametrize("read_seconds", ["0.6"])
def test_an_answer_that_comes_too_late_is_looked_for(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("slow", seconds=0.8, method="POST")
    shop.push()
    assert shop.link(ann).verify_due
    shop.wait_over()
    shop.push()
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, ann)


def test_verify_sends_again_where_xero_has_something_else(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("drop_after", method="POST")
    shop.push()
    shop.xero.edit(shop.link(ann).xero_id, EmailAddress="somebody@else.example")
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, ann)


@pytest.mark.parametrize("problem", ["minute", "day"])
def test_a_long_limit_pauses_this_organisation_with_a_reason(shop: Shop, ann: Contact, problem: str) -> None:
    shop.xero.fault("429", retry_after=30, problem=problem)
    shop.push()
    assert shop.badge(ann).state is SyncState.PAUSED
    shop.session.refresh(shop.connection)
    assert shop.connection.paused_until is not None
    assert timedelta(seconds=25) < shop.connection.paused_until - now() < timedelta(seconds=31)
    assert shop.link(ann).tries == 0
    assert shop.link(ann).lease_token is None


def test_a_short_limit_is_a_short_wait_of_the_customer_alone(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("429", retry_after=None, problem="concurrent")
    shop.push()
    assert shop.badge(ann).state is SyncState.WAITING
    due = shop.link(ann).next_try_at
    assert due is not None
    assert due - now() < timedelta(seconds=5)
    assert due_businesses(shop.session, now()) == []
    assert due_businesses(shop.session, due) == [shop.business.id]


def test_a_lost_consent_makes_every_debt_wait(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("disconnect")
    shop.push()
    shop.session.refresh(shop.connection)
    assert shop.connection.state is ConnectionState.LOST
    assert shop.connection.reason
    assert shop.badge(ann).state is SyncState.PAUSED
    assert shop.link(ann).tries == 0
    calls = len(shop.xero.calls("/api.xro"))
    shop.push()
    assert len(shop.xero.calls("/api.xro")) == calls
    assert due_businesses(shop.session, now()) == []


def test_an_expired_token_is_refreshed_and_the_save_is_sent(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("expire_tokens")
    shop.push()
    assert_in_sync(shop, ann)


def test_an_error_of_xeros_own_for_everybody_is_an_outage(shop: Shop, ann: Contact) -> None:
    shop.xero.fault("500", 2)
    shop.push()
    assert shop.badge(ann).state is SyncState.PAUSED
    assert shop.link(ann).tries == 0
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, ann)


def test_a_contact_that_xero_cannot_take_holds_up_no_other_and_is_given_up(shop: Shop, ann: Contact) -> None:
    others = shop.customers([f"Customer {n}" for n in range(4)])
    others = [shop.edit(other, email="all@shop.example") for other in others]

    def break_over_ann(request: httpx2.Request, send: Send) -> httpx2.Response:
        return (
            httpx2.Response(500) if request.method == "POST" and b"ann@new.example" in request.read() else send(request)
        )

    with shop.intercepting(break_over_ann):
        shop.push()
        assert {shop.badge(contact).state for contact in others} == {SyncState.SYNCED}
        assert (shop.badge(ann).state, shop.link(ann).tries) == (SyncState.WAITING, 1)
        for _ in range(7):
            shop.wait_over()
            shop.push()
    assert shop.badge(ann).state is SyncState.FAILED
    assert "Tried 8 times" in shop.link(ann).reason
