"""Notes for Xero's own history of a contact: the second kind that is pushed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.history_note import HistoryNote
from posxero.domain.enums import LinkState, SyncState
from posxero.services.push import engine, linking
from posxero.xero.client import XeroClient
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

NOTES_A_MINUTE = 3  # of the 60 calls a minute a tenth, two calls a note


@pytest.fixture
def noting(shop: Shop) -> Shop:
    """The shop, which wants its changes noted in Xero."""
    with writing(shop.session):
        shop.session.execute(update(Connection).values(history_notes=True))
    return shop


@pytest.fixture
def ann(shop: Shop) -> Contact:
    return shop.customer("Ann Smith", email="ann@shop.example")


def lines(shop: Shop, contact: Contact) -> list[str]:
    """Return what Xero's history of a contact says through our notes, oldest first."""
    client = XeroClient(shop.ports.http, shop.xero.url, shop.connection.tenant_id, shop._token(), shop.ports.limits)
    xero_id = shop.link(contact).xero_id
    assert xero_id is not None
    records = client.contact_history(xero_id)
    return [record.details or "" for record in reversed(records) if "Retail POS:" in (record.details or "")]


def note(shop: Shop) -> HistoryNote:
    found = shop.session.scalars(select(HistoryNote).execution_options(populate_existing=True)).one()
    shop.session.commit()
    return found


def history_calls(shop: Shop, method: str) -> int:
    return sum(call["path"].endswith("/History") for call in shop.xero.calls("/api.xro", method))


def test_a_saved_change_is_noted_in_xero_once_xero_has_it(noting: Shop, ann: Contact) -> None:
    noting.edit(ann, email="new@shop.example", mobile="021 555 123")
    noting.push()
    (line,) = lines(noting, ann)
    assert line.startswith("Retail POS: Email, Mobile changed by Sam (ref ")
    assert note(noting).sent_at is not None
    assert [call["method"] for call in noting.xero.calls("/api.xro")].count("POST") == 1


def test_what_changed_before_xero_had_the_customer_is_not_noted(noting: Shop) -> None:
    nell = noting.edit(noting.unlinked("Nell New"), email="nell@shop.example")
    linking.link_to_xero(noting.session, noting.business.id, nell.id, by="Mana", now=now(), jobs=noting.jobs)
    noting.push()
    assert lines(noting, nell) == []
    noting.edit(nell, mobile="021 555 123")
    noting.push()
    (line,) = lines(noting, nell)
    assert line.startswith("Retail POS: Mobile changed by Sam (ref ")


def test_a_note_does_not_mention_what_stays_in_retail_pos(noting: Shop, ann: Contact) -> None:
    noting.edit(ann, email="new@shop.example", birthday="1990-12-31", marketing_consent="yes", notes="Likes blue")
    noting.push()
    (line,) = lines(noting, ann)
    assert line.startswith("Retail POS: Email changed by Sam (ref ")


def test_no_note_is_written_unless_the_business_wants_them(shop: Shop, ann: Contact) -> None:
    shop.edit(ann, email="new@shop.example")
    shop.push()
    assert shop.badge(ann).state is SyncState.SYNCED
    assert lines(shop, ann) == []
    assert shop.session.scalar(select(func.count()).select_from(HistoryNote)) == 0


def test_an_import_or_a_link_writes_no_note(noting: Shop) -> None:
    bob = noting.unlinked("Bob Jones")
    linking.link_to_xero(noting.session, noting.business.id, bob.id, by="Sam", now=now(), jobs=noting.jobs)
    noting.push()
    assert noting.badge(bob).state is SyncState.SYNCED
    assert lines(noting, bob) == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "500"])
def test_a_lost_answer_leaves_one_note(noting: Shop, ann: Contact, fault: str) -> None:
    noting.edit(ann, email="new@shop.example")
    noting.xero.fault(fault, method="PUT")
    noting.push()
    assert noting.badge(ann).state is SyncState.SYNCED
    noting.later(minutes=11)
    let_a_minute_pass(noting)
    noting.push()
    assert len(lines(noting, ann)) == 1
    assert note(noting).sent_revision == 1


def test_a_note_that_xero_refuses_delays_no_contact(noting: Shop, ann: Contact) -> None:
    noting.edit(ann, email="new@shop.example")
    noting.push()
    with writing(noting.session):
        noting.session.execute(update(HistoryNote).values(details="", sent_revision=0, xero_id=None))
    noting.push()
    refused = note(noting)
    assert (refused.state, refused.sent_revision) == (LinkState.PARKED, 0)
    assert "The change itself is in Xero." in refused.reason
    noting.edit(ann, email="newer@shop.example")
    noting.push()
    assert noting.held(ann)["EmailAddress"] == "newer@shop.example"


def test_a_note_waits_until_its_contact_is_in_xero(noting: Shop, ann: Contact) -> None:
    noting.edit(ann, email="new@shop.example")
    noting.push()
    with writing(noting.session):
        noting.session.execute(update(HistoryNote).values(sent_revision=0, xero_id=None))
    noting.edit(ann, email="newer@shop.example")
    claimed = engine.claim_next(noting.session, noting.business.id, noting.ports)
    assert claimed is not None
    assert claimed.kind.name == "contact"
    assert engine.claim_next(noting.session, noting.business.id, noting.ports) is None


def test_notes_take_a_tenth_of_the_minute_and_go_after_contacts(noting: Shop) -> None:
    customers = noting.customers([f"Customer {n}" for n in range(5)])
    set_minute_limit(noting, 60)
    for contact in customers:
        noting.edit(contact, email="all@shop.example")
    noting.push()
    assert all(noting.badge(contact).state is SyncState.SYNCED for contact in customers)
    assert history_calls(noting, "PUT") == NOTES_A_MINUTE
    noting.push()
    assert history_calls(noting, "PUT") == NOTES_A_MINUTE
    let_a_minute_pass(noting)
    noting.push()
    assert history_calls(noting, "PUT") == 5


def test_where_xero_allows_few_calls_a_day_notes_take_a_tenth_of_them(noting: Shop) -> None:
    customers = noting.customers([f"Customer {n}" for n in range(3)])
    object.__setattr__(noting.ports.settings.xero, "day_limit", 20)
    for contact in customers:
        noting.edit(contact, email="all@shop.example")
    for _ in customers:
        noting.push()
    assert all(noting.badge(contact).state is SyncState.SYNCED for contact in customers)
    assert history_calls(noting, "PUT") == 2
    let_pass(noting, timedelta(hours=23))
    noting.push()
    assert history_calls(noting, "PUT") == 2
    let_pass(noting, timedelta(hours=1))
    noting.push()
    assert history_calls(noting, "PUT") == 3


def test_unlinking_forgets_notes_that_are_still_owed(noting: Shop, ann: Contact) -> None:
    noting.edit(ann, email="new@shop.example")
    noting.xero.fault("503", method="PUT")
    noting.push()
    linking.unlink(noting.session, noting.business.id, ann.id, by="Sam", now=now())
    assert noting.session.scalar(select(func.count()).select_from(HistoryNote)) == 0


def let_a_minute_pass(shop: Shop) -> None:
    """Let the notes that were sent be more than a minute old."""
    let_pass(shop, timedelta(minutes=1))


def let_pass(shop: Shop, time: timedelta) -> None:
    """Let the notes that were sent be older by this time."""
    with writing(shop.session):
        for each in shop.session.scalars(select(HistoryNote).execution_options(populate_existing=True)):
            each.leased_at = each.leased_at and each.leased_at - time


def set_minute_limit(shop: Shop, limit: int) -> None:
    """Let the settings of the shop say how many calls a minute Xero takes."""
    object.__setattr__(shop.ports.settings.xero, "minute_limit", limit)
