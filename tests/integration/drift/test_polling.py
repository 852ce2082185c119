"""The poll reads what changed since the last one that worked, and writes only the links that changed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import LinkState
from posxero.services.drift import copies, pages, passes
from posxero.xero.client import XeroClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from uuid import UUID

    from posxero.db.contact import Contact
    from posxero.services.drift.copies import Reading
    from posxero.xero.pages import ContactsPage
    from tests.support.drifting import DriftShop


@pytest.fixture
def ann(shop: DriftShop) -> Contact:
    """A linked customer, of before the last poll."""
    ann = shop.customer("Ann Smith")
    shop.poll()
    shop.xero.clear_calls()
    return ann


def email_there(shop: DriftShop, contact: Contact) -> str:
    return XeroCopy.from_json(shop.link(contact).copy).values["email"]


def test_a_poll_is_claimed_when_due_and_done_once(shop: DriftShop, ann: Contact) -> None:
    shop.jobs.checks.clear()
    shop.passed += timedelta(minutes=5)
    for _ in range(2):
        shop.sweep()
    assert shop.jobs.checks == [(shop.business.id, DriftKind.POLL)]
    assert not passes.run(shop.session, shop.business.id, DriftKind.POLL, shop.ports)
    assert not passes.run(shop.session, shop.business.id, DriftKind.POLL, shop.ports)  # a doubled job
    assert len(shop.gets()) == 1
    check = shop.check(DriftKind.POLL)
    assert check.due_at is not None
    assert timedelta(minutes=4) < check.due_at - shop.now() <= timedelta(minutes=5)
    assert ann.version == 1


def test_a_change_in_xero_is_seen_without_a_webhook(shop: DriftShop, ann: Contact) -> None:
    shop.xero.edit(shop.theirs(ann), EmailAddress="xero@shop.example")
    shop.poll()
    assert (email_there(shop, ann), shop.link(ann).differs) == ("xero@shop.example", True)
    assert shop.badge(ann).label == "Changed in Xero"


def test_nothing_changed_is_one_call_and_one_small_transaction(
    shop: DriftShop, ann: Contact, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    shop.passed += timedelta(minutes=5)
    shop.sweep()
    with count_statements() as statements:
        passes.run(shop.session, shop.business.id, DriftKind.POLL, shop.ports)
    written = [text for text in statements if text.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert (len(shop.gets()), len(written)) == (1, 1), written
    assert "drift_check" in written[0]
    assert ann.version == 1


def test_a_contact_that_came_back_unchanged_is_not_written(shop: DriftShop, ann: Contact) -> None:
    shop.edit(ann, email="ours@shop.example")
    shop.push()
    pushed = shop.link(ann)
    before = (pushed.copied_at, pushed.copy)
    shop.poll()
    assert (shop.link(ann).copied_at, shop.link(ann).copy) == before
    assert len(shop.gets()) == 1


def test_since_is_the_start_of_the_last_good_poll_less_two_minutes(
    shop: DriftShop, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    read = XeroClient.contacts_page

    def note(client: XeroClient, *arguments: int, **named: Any) -> ContactsPage:
        asked.append(named["modified_since"])
        return read(client, *arguments, **named)

    monkeypatch.setattr(XeroClient, "contacts_page", note)
    began = shop.check(DriftKind.POLL).began_at
    shop.poll()
    assert began is not None
    assert asked == [began - timedelta(minutes=2)]
    assert ann.version == 1


def test_xero_away_for_a_day_is_one_row_and_the_poll_after_it_catches_up(shop: DriftShop, ann: Contact) -> None:
    good = shop.check(DriftKind.POLL).began_at
    shop.xero.edit(shop.theirs(ann), EmailAddress="xero@shop.example")
    shop.xero.fault("503", count=3)
    shop.poll()
    since = shop.check(DriftKind.POLL).failing_since
    for hours in (1, 23):
        shop.passed += timedelta(hours=hours)
        shop.poll()
    check = shop.check(DriftKind.POLL)
    assert (check.failing_since, check.began_at, check.tries) == (since, good, 3)
    assert since is not None
    assert check.reason == "Xero isn't responding."
    shop.poll()
    check = shop.check(DriftKind.POLL)
    assert (email_there(shop, ann), check.failing_since, check.reason) == ("xero@shop.example", None, "")


def test_what_is_archived_merged_or_restored_in_xero_is_seen(shop: DriftShop, ann: Contact) -> None:
    shop.xero.act(shop.theirs(ann), "archive")
    shop.poll()
    assert shop.link(ann).state is LinkState.ARCHIVED
    shop.xero.act(shop.theirs(ann), "restore")
    shop.poll()
    assert shop.link(ann).state is LinkState.ACTIVE


def test_a_long_poll_is_read_in_turns_and_goes_on_where_it_was(
    shop: DriftShop, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = shop.customers([f"Customer {number:03}" for number in range(5)])
    monkeypatch.setattr(pages, "MAX_PAGE_SIZE", 2)
    for each in customers:
        shop.xero.edit(shop.theirs(each), EmailAddress="xero@shop.example")
    store = pages.store

    def slow(*arguments: object, **named: object) -> None:
        store(*arguments, **named)  # type: ignore[arg-type]
        shop.passed += timedelta(seconds=26)

    monkeypatch.setattr(pages, "store", slow)
    assert shop.poll()
    turns = 1
    while passes.run(shop.session, shop.business.id, DriftKind.POLL, shop.ports):
        turns += 1
    assert [call["query"]["page"] for call in shop.gets()] == ["1", "2", "3"]
    assert {email_there(shop, each) for each in customers} == {"xero@shop.example"}
    assert turns == 2
    assert ann.version == 1


def test_a_worker_that_died_leaves_the_poll_due(shop: DriftShop, ann: Contact) -> None:
    shop.passed += timedelta(minutes=5)
    shop.sweep()  # claims, and the job is lost
    shop.jobs.checks.clear()
    shop.passed += timedelta(minutes=3)
    shop.sweep()
    assert shop.jobs.checks == [(shop.business.id, DriftKind.POLL)]
    assert ann.version == 1


def test_a_shop_without_links_asks_nothing(shop: DriftShop, ann: Contact) -> None:
    with writing(shop.session):
        shop.session.execute(delete(Link).where(Link.contact_id == ann.id))
    shop.poll()
    assert shop.gets() == []
    assert shop.check(DriftKind.POLL).worked_at is not None


def test_a_response_that_is_too_large_is_asked_for_in_halves(shop: DriftShop, ann: Contact) -> None:
    shop.xero.edit(shop.theirs(ann), EmailAddress="xero@shop.example")
    shop.xero.fault("huge", path="/api.xro/2.0/Contacts")
    shop.poll()
    assert [call["query"]["pageSize"] for call in shop.gets()] == ["1000", "500"]
    assert email_there(shop, ann) == "xero@shop.example"


def test_many_changes_are_written_a_few_at_a_time_and_let_saves_through(
    shop: DriftShop, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = shop.customers([f"Customer {number}" for number in range(7)])
    for each in customers:
        shop.xero.edit(shop.theirs(each), EmailAddress="xero@shop.example")
    monkeypatch.setattr(pages, "WRITE_BATCH", 3)
    sizes = list[int]()

    def begin_after_a_save(session: Session) -> AbstractContextManager[None]:
        assert not session.in_transaction()
        with Session(session.get_bind()) as other:
            shop.edit(ann, other, notes=f"Saved before batch {len(sizes)}")
        return writing(session)

    def counted(session: Session, reading: Reading, *, now: datetime) -> set[UUID]:
        sizes.append(len(reading.found))
        return copies.refresh(session, reading, now=now)

    monkeypatch.setattr(pages, "writing_in_batches", begin_after_a_save)
    monkeypatch.setattr(pages, "refresh", counted)
    shop.poll()
    assert sizes == [3, 3, 1]
    shop.session.refresh(ann)
    assert ann.notes == "Saved before batch 2"
    assert {email_there(shop, each) for each in customers} == {"xero@shop.example"}
