"""The buttons that cure a push, and the sweep that needs no button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, update

from posxero.db.contact import Link
from posxero.domain.enums import ActivityKind, LinkState, SyncState
from posxero.services import sweep
from posxero.services.contacts import send_ours
from posxero.services.errors import NotFound
from posxero.services.push import linking, retry
from posxero.services.push.due import due_businesses
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.business import Business
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


@pytest.fixture
def refused(shop: Shop) -> Contact:
    """A customer whose new name is another contact's."""
    shop.xero.add(Name="Taken Ltd")
    ann = shop.edit(shop.customer("Ann Smith"), name="Taken Ltd")
    shop.push()
    shop.jobs.pushes.clear()
    return ann


def test_try_again_sends_it_once_the_cause_is_gone(shop: Shop, refused: Contact) -> None:
    shop.xero.edit(shop.xero.named("Taken Ltd")["ContactID"], Name="Taken no more")
    retry.try_again(shop.session, shop.business.id, refused.id, by="Sam", now=now(), jobs=shop.jobs)
    assert shop.jobs.pushes == [shop.business.id]
    assert shop.badge(refused).state is SyncState.WAITING
    shop.push()
    assert shop.held(refused)["Name"] == "Taken Ltd"
    assert ActivityKind.TRIED_AGAIN in [one.kind for one in shop.history(refused)]


def test_try_all_again_takes_only_what_was_not_sent(shop: Shop, refused: Contact) -> None:
    fine = shop.customer("Fine")
    count = retry.try_all_again(shop.session, shop.business.id, by="Mana", now=now(), jobs=shop.jobs)
    assert count == 1
    assert shop.badge(refused).state is SyncState.WAITING
    assert shop.badge(fine).state is SyncState.SYNCED
    assert retry.try_all_again(shop.session, shop.business.id, by="Mana", now=now(), jobs=shop.jobs) == 0


def test_send_ours_replaces_what_xero_has(shop: Shop) -> None:
    ann = shop.customer("Ann Smith", email="ours@shop.example")
    shop.session.execute(update(Link).values(differs=True))
    shop.session.commit()
    assert shop.badge(ann).state is SyncState.CHANGED
    send_ours.send_ours(shop.session, shop.business, ann.id, by="Mana", now=now(), jobs=shop.jobs)
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "ours@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_contact_restored_in_xero_is_looked_at_and_sent(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.edit(shop.link(ann).xero_id, ContactStatus="ARCHIVED")
    shop.edit(ann, email="ann@new.example")
    shop.push()
    assert shop.badge(ann).state is SyncState.GONE
    shop.xero.edit(shop.link(ann).xero_id, ContactStatus="ACTIVE")
    retry.try_again(shop.session, shop.business.id, ann.id, by="Sam", now=now(), jobs=shop.jobs)
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "ann@new.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_an_unlinked_customer_is_pushed_no_more(shop: Shop) -> None:
    ann = shop.edit(shop.customer("Ann Smith"), email="ann@new.example")
    linking.unlink(shop.session, shop.business.id, ann.id, by="Mana", now=now())
    shop.push()
    assert shop.posts() == 0
    assert shop.badge(ann).state is SyncState.NONE


def test_another_business_finds_nothing_to_try(shop: Shop, refused: Contact, other_business: Business) -> None:
    with pytest.raises(NotFound):
        retry.try_again(shop.session, other_business.id, refused.id, by="Nora", now=now(), jobs=shop.jobs)
    with pytest.raises(NotFound):
        send_ours.send_ours(shop.session, other_business, refused.id, by="Nora", now=now(), jobs=shop.jobs)
    assert retry.try_all_again(shop.session, other_business.id, by="Nora", now=now(), jobs=shop.jobs) == 0
    assert shop.link(refused).state is LinkState.PARKED


def test_the_sweep_finds_a_debt_whose_hint_was_lost(shop: Shop) -> None:
    timings = shop.ports.settings.timings
    ann = shop.customer("Ann Smith")
    sweep.run(shop.session, shop.jobs, timings, now=now())
    assert shop.jobs.pushes == []
    shop.edit(ann, email="ann@new.example")
    shop.jobs.pushes.clear()
    sweep.run(shop.session, shop.jobs, timings, now=now())
    assert shop.jobs.pushes == [shop.business.id]
    shop.push()
    sweep.run(shop.session, shop.jobs, timings, now=now())
    assert shop.jobs.pushes == [shop.business.id]


def test_the_list_and_the_badge_say_the_same(shop: Shop, refused: Contact) -> None:
    waiting = shop.edit(shop.customer("Bob Lee"), email="bob@shop.example")
    status = load_connection_status(shop.session, shop.business.id)
    counts = badges.counts(shop.session, shop.business.id, status, now())
    assert {state: count for state, count in counts.items() if count} == {SyncState.FAILED: 1, SyncState.WAITING: 1}
    assert (shop.badge(refused).state, shop.badge(waiting).state) == (SyncState.FAILED, SyncState.WAITING)


def test_a_million_links_are_not_read_to_find_a_debt(shop: Shop) -> None:
    shop.customer("Ann Smith")
    seen: list[tuple[str, Any]] = []
    engine = shop.session.get_bind()

    def note(*args: Any) -> None:
        seen.append((args[2], args[3]))

    event.listen(engine, "before_cursor_execute", note)
    due_businesses(shop.session, now())
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = seen[-1]
    connection = shop.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is too small to need its index
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
    assert any("ix_link_owed" in str(row) for row in plan), plan
