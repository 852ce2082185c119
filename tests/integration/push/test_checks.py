"""A check reads Xero again and sends nothing: it is done once Xero was read, and it replaces nobody's change there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from posxero.domain.enums import SyncState
from posxero.services import owed
from posxero.services.push import engine
from posxero.services.push.due import Priority
from posxero.services.push.links import joining, searches
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

THEIRS = "books@x.example"
FAILURES = ["killed", "away", "defect"]


def broken(*_: object) -> None:
    raise ZeroDivisionError


def fail_once(shop: Shop, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the check that is due be claimed, and not be done."""
    if how == "killed":
        claimed = engine.claim_next(shop.session, shop.business.id, shop.ports)
        assert claimed is not None
        assert claimed.priority is Priority.CHECK
    elif how == "away":
        shop.xero.fault("503")
        shop.push()
    else:
        with monkeypatch.context() as patch:
            patch.setattr(engine, "verify", broken)
            with pytest.raises(ZeroDivisionError):
                shop.push()


def push_until_done(shop: Shop) -> None:
    for _ in range(3):
        shop.later(minutes=3)
        shop.push()


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """Ann, linked by hand to a contact whose email was changed in Xero after the search; nothing is owed."""
    there = shop.xero.add(Name="Ann Smith", EmailAddress="ann@shop.example")
    ann = shop.unlinked("Ann Smith", email="ann@shop.example")
    found, at = UUID(there["ContactID"]), now()
    searches.ask(shop.session, shop.business.id, ann.id, "Ann Smith", now=at, jobs=shop.jobs)
    searches.answer_all(shop.session, shop.connection, shop.ports)
    shop.xero.edit(found, EmailAddress=THEIRS)
    joining.link_to_contact(shop.session, shop.business, ann.id, found, by="Mana", now=at, jobs=shop.jobs)
    shop.xero.clear_calls()
    return ann


@pytest.mark.parametrize("how", FAILURES)
def test_a_check_that_was_not_done_is_still_due(
    shop: Shop, ann: Contact, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(shop, how, monkeypatch)
    push_until_done(shop)
    assert (shop.badge(ann).state, shop.posts()) == (SyncState.CHANGED, 0)
    assert shop.held(ann)["EmailAddress"] == THEIRS


@pytest.mark.parametrize("how", FAILURES)
def test_links_of_a_restored_backup_are_read_whatever_happens(
    shop: Shop, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = shop.customers([f"Ann {number}" for number in range(3)])
    for one in people:
        shop.xero.edit(shop.link(one).xero_id, EmailAddress=THEIRS)
    owed.mark_refresh_due(shop.session, now=now())
    fail_once(shop, how, monkeypatch)
    push_until_done(shop)
    assert [shop.badge(one).state for one in people] == [SyncState.CHANGED] * 3
    assert {shop.held(one)["EmailAddress"] for one in people} == {THEIRS}


@pytest.mark.parametrize("how", FAILURES)
def test_a_check_for_what_lands_late_replaces_no_change_of_somebody_in_xero(
    shop: Shop, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = shop.edit(shop.customer("Ann Smith"), email="ann@new.example")
    shop.xero.fault("drop_after", method="POST")
    shop.push()
    shop.wait_over()
    shop.push()
    assert shop.badge(ann).state is SyncState.SYNCED
    shop.xero.edit(shop.link(ann).xero_id, EmailAddress=THEIRS)
    shop.later(minutes=3)
    fail_once(shop, how, monkeypatch)
    push_until_done(shop)
    assert shop.held(ann)["EmailAddress"] == THEIRS
    assert shop.badge(ann).state is SyncState.CHANGED
