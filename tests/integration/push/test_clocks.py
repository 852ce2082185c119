"""A clock that was an hour ahead and is set back: no lease, pause or wait of a push lasts an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from posxero.db import base
from posxero.domain.enums import SyncState
from posxero.services.push import context, engine
from posxero.services.push.due import due_businesses
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer whose email was just changed."""
    return shop.edit(shop.customer("Ann Smith"), email="ann@new.example")


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The clock is an hour ahead, until `ahead.undo()`."""

    def an_hour_later(session: Session) -> object:
        return base.database_time(session) + HOUR

    for module in (engine, context):
        monkeypatch.setattr(module, "database_time", an_hour_later)
    return monkeypatch


def assert_sent_now(shop: Shop, ann: Contact) -> None:
    assert due_businesses(shop.session, now()) == [shop.business.id]
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "ann@new.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_lease_is_taken_over(shop: Shop, ann: Contact, ahead: pytest.MonkeyPatch) -> None:
    assert engine.claim_next(shop.session, shop.business.id, shop.ports)
    ahead.undo()
    assert_sent_now(shop, ann)


@pytest.mark.parametrize("fault", [{"kind": "503"}, {"kind": "429", "retry_after": None, "problem": "concurrent"}])
def test_a_pause_and_a_short_wait_are_over(
    shop: Shop, ann: Contact, ahead: pytest.MonkeyPatch, fault: dict[str, object], redis_url: str
) -> None:
    shop.xero.fault(**fault)  # type: ignore[arg-type]
    shop.push()
    ahead.undo()
    shop.forget_limits(redis_url)
    assert_sent_now(shop, ann)


def test_a_wait_after_a_try_is_over(shop: Shop, ann: Contact, ahead: pytest.MonkeyPatch) -> None:
    shop.xero.fault("500", method="POST")
    shop.push()
    assert shop.link(ann).tries == 1
    ahead.undo()
    assert_sent_now(shop, ann)


def test_a_backlog_goes_on(shop: Shop, ann: Contact, ahead: pytest.MonkeyPatch, redis_url: str) -> None:
    shop.later(minutes=5)
    shop.xero.fault("429", retry_after=30)
    shop.push()
    shop.session.refresh(shop.connection)
    assert shop.connection.backlog_until is not None
    ahead.undo()
    shop.forget_limits(redis_url)
    assert_sent_now(shop, ann)
