"""What Xero's webhooks named is read in few calls; an id stays until the result of its read is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.domain.enums import ActivityKind, LinkState, SyncState
from posxero.services.drift import changes, lookup
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.drifting import DriftShop


@pytest.fixture
def ann(shop: DriftShop) -> Contact:
    """A linked customer."""
    return shop.customer("Ann Smith")


def change_link(shop: DriftShop, contact: Contact, **columns: Any) -> None:
    with writing(shop.session):
        shop.session.execute(update(Link).where(Link.contact_id == contact.id).values(**columns))


def test_an_edit_in_xero_shows_here_and_changes_no_field_of_ours(shop: DriftShop, ann: Contact) -> None:
    before = (ann.name, ann.email, ann.version, ann.revision)
    shop.xero.edit(shop.theirs(ann), EmailAddress="xero@shop.example")
    assert shop.hear(shop.theirs(ann)) == 1
    assert shop.jobs.reads == [shop.business.id]
    assert not shop.read()
    link = shop.link(ann)
    shop.session.refresh(ann)
    assert (ann.name, ann.email, ann.version, ann.revision) == before
    assert (link.differs, link.sent_revision == link.owed_revision, shop.waiting()) == (True, True, 0)
    assert XeroCopy.from_json(link.copy).values["email"] == "xero@shop.example"
    assert shop.badge(ann).label == "Changed in Xero"
    entry = shop.history(ann)[-1]
    assert (entry.kind, entry.changes) == (ActivityKind.CHANGED_IN_XERO, [["email", "", "xero@shop.example"]])
    assert shop.check(DriftKind.WEBHOOK).worked_at is not None


def test_repeats_vanish_and_forty_ids_are_one_call(shop: DriftShop) -> None:
    customers = shop.customers([f"Customer {number}" for number in range(41)])
    ids = [shop.theirs(each) for each in customers]
    shop.xero.clear_calls()
    for _ in range(3):
        shop.hear(*ids, *ids)
    assert shop.waiting() == 41
    shop.read()
    assert (len(shop.gets()), shop.waiting()) == (2, 0)


def test_an_event_that_comes_during_the_read_is_read_again(
    shop: DriftShop, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, look_up = shop.theirs(ann), lookup.look_up

    def edited_behind(*arguments: Any) -> Any:
        found = look_up(*arguments)
        monkeypatch.setattr(changes, "look_up", look_up)
        shop.xero.edit(theirs, EmailAddress="later@shop.example")
        shop.hear(theirs)
        return found

    monkeypatch.setattr(changes, "look_up", edited_behind)
    shop.hear(theirs)
    shop.read()
    assert XeroCopy.from_json(shop.link(ann).copy).values["email"] == "later@shop.example"
    assert shop.waiting() == 0


def test_an_echo_of_our_own_write_is_not_read(shop: DriftShop, ann: Contact) -> None:
    shop.edit(ann, email="ours@shop.example")
    shop.push()
    stamp = XeroCopy.from_json(shop.link(ann).copy).updated_at
    shop.xero.clear_calls()
    shop.hear(shop.theirs(ann), at=datetime.fromisoformat(stamp))
    shop.read()
    assert (shop.gets(), shop.waiting()) == ([], 0)
    shop.hear(shop.theirs(ann), at=datetime.fromisoformat(stamp) + timedelta(milliseconds=1))
    shop.read()
    assert len(shop.gets()) == 1


@pytest.mark.parametrize("way", ["unlinked", "invoice", "owed"])
def test_what_no_read_would_tell_is_dropped(shop: DriftShop, ann: Contact, way: str) -> None:
    category = ChangeCategory.INVOICE if way == "invoice" else ChangeCategory.CONTACT
    if way == "owed":
        shop.edit(ann, email="ours@shop.example")
    shop.hear(uuid4() if way == "unlinked" else shop.theirs(ann), category=category)
    shop.read()
    assert (shop.gets(), shop.waiting()) == ([], 0)


def test_the_id_of_a_link_that_is_being_pushed_waits_for_the_answer(shop: DriftShop, ann: Contact) -> None:
    change_link(shop, ann, lease_token=uuid4(), lease_until=shop.now() + timedelta(minutes=1), leased_at=shop.now())
    shop.hear(shop.theirs(ann))
    shop.read()
    assert (shop.gets(), shop.waiting()) == ([], 1)
    change_link(shop, ann, lease_token=None, lease_until=None)
    shop.read()
    assert (len(shop.gets()), shop.waiting()) == (1, 0)


@pytest.mark.parametrize(
    ("action", "state"),
    [("archive", LinkState.ARCHIVED), ("merge", LinkState.MERGED), ("erase", LinkState.ERASED)],
)
def test_a_contact_that_is_no_longer_in_use_says_so_and_comes_back(
    shop: DriftShop, ann: Contact, action: str, state: LinkState
) -> None:
    other = shop.customer("Winner")
    options = {"into": str(shop.theirs(other))} if action == "merge" else {}
    shop.xero.act(shop.theirs(ann), action, **options)
    shop.hear(shop.theirs(ann))
    shop.read()
    link = shop.link(ann)
    assert (link.state, bool(link.reason), shop.badge(ann).state) == (state, True, SyncState.GONE)
    assert shop.history(ann)[-1].kind is ActivityKind.GONE_FROM_XERO
    if action == "archive":
        shop.xero.act(shop.theirs(ann), "restore")
        shop.hear(shop.theirs(ann))
        shop.read()
        assert (shop.link(ann).state, shop.link(ann).reason) == (LinkState.ACTIVE, "")


def test_what_was_owed_to_an_archived_contact_is_sent_once_it_is_restored(shop: DriftShop, ann: Contact) -> None:
    shop.xero.act(shop.theirs(ann), "archive")
    shop.hear(shop.theirs(ann))
    shop.read()
    shop.edit(ann, email="ours@shop.example")
    shop.push()
    assert shop.link(ann).state is LinkState.ARCHIVED
    shop.xero.act(shop.theirs(ann), "restore")
    shop.hear(shop.theirs(ann))
    shop.read()
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "ours@shop.example"


def test_a_contact_that_xero_does_not_have_is_missing(shop: DriftShop, ann: Contact) -> None:
    theirs = shop.theirs(ann)
    shop.xero.remove(theirs)
    shop.hear(theirs)
    shop.read()
    assert (shop.link(ann).state, shop.waiting()) == (LinkState.MISSING, 0)


def test_a_limit_keeps_the_ids_and_says_when_to_go_on(shop: DriftShop, ann: Contact) -> None:
    shop.xero.fault("429", retry_after=30)
    shop.hear(shop.theirs(ann))
    shop.read()
    check = shop.check(DriftKind.WEBHOOK)
    assert (shop.waiting(), check.failing_since, check.lease_token) == (1, None, None)
    assert check.due_at is not None
    assert timedelta(seconds=20) < check.due_at - shop.now() <= timedelta(seconds=30)
    assert not shop.read()
    assert len(shop.gets()) == 1


def test_an_outage_keeps_the_ids_and_is_noted_once(shop: DriftShop, ann: Contact) -> None:
    shop.xero.fault("503", count=2)
    shop.hear(shop.theirs(ann))
    shop.read()
    since = shop.check(DriftKind.WEBHOOK).failing_since
    assert since is not None
    shop.passed += timedelta(minutes=5)
    shop.read()
    assert (shop.check(DriftKind.WEBHOOK).failing_since, shop.waiting()) == (since, 1)
    shop.passed += timedelta(minutes=5)
    shop.read()
    assert (shop.check(DriftKind.WEBHOOK).failing_since, shop.waiting()) == (None, 0)


def test_the_sweep_finds_ids_whose_job_was_lost(shop: DriftShop, ann: Contact) -> None:
    shop.hear(shop.theirs(ann))
    shop.jobs.reads.clear()
    shop.sweep()
    assert shop.jobs.reads == []  # they are still being collected
    shop.passed += timedelta(seconds=4)
    shop.sweep()
    assert shop.jobs.reads == [shop.business.id]


def test_nothing_is_read_while_the_connection_waits_or_is_lost(shop: DriftShop, ann: Contact) -> None:
    shop.hear(shop.theirs(ann))
    with writing(shop.session):
        paused = {"paused_at": now(), "paused_until": now() + timedelta(minutes=5), "paused_reason": "x"}
        shop.session.execute(update(Connection).values(**paused))
    assert not shop.read()
    assert (shop.gets(), shop.waiting()) == ([], 1)


def test_our_own_request_that_landed_late_is_not_shown_as_somebodys_edit(shop: DriftShop, ann: Contact) -> None:
    shop.edit(ann, email="first@shop.example")
    shop.xero.fault("late", method="POST", connection="drop")
    shop.push()
    shop.wait_over()
    shop.edit(ann, email="second@shop.example")
    shop.push()
    shop.xero.land()
    assert shop.held(ann)["EmailAddress"] == "first@shop.example"
    shop.hear(shop.theirs(ann))
    shop.read()
    assert (shop.badge(ann).state, shop.waiting()) == (SyncState.SYNCED, 0)
    shop.later(minutes=3)
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "second@shop.example"
