"""A database restored from a backup: Xero is read before anything is sent, and what it has newer stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from posxero.cli import main
from posxero.db.contact import Link
from posxero.domain.enums import ActivityKind, LinkState, SyncState
from posxero.services import owed
from posxero.services.contacts import send_ours
from posxero.services.push import linking
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer in sync with Xero."""
    ann = shop.edit(shop.customer("Ann Smith"), email="old@shop.example")
    shop.push()
    return ann


def restore(shop: Shop, ann: Contact, **newer: str) -> None:
    """What was done since the backup is in Xero only; the operator marks every link."""
    shop.xero.edit(shop.link(ann).xero_id, **newer)
    assert owed.mark_refresh_due(shop.session, now=now()) > 0
    shop.xero.clear_calls()


def test_the_command_marks_every_link(shop: Shop, ann: Contact, environment: dict[str, str], database_url: str) -> None:
    done = CliRunner().invoke(main, ["refresh-links"], env={**environment, "POSXERO_DATABASE_URL": database_url})
    assert "1 customer will be read from Xero before anything is sent" in done.output
    assert (done.exit_code, shop.link(ann).refresh_due) == (0, True)


def test_every_link_is_read_and_nothing_is_sent(shop: Shop, ann: Contact) -> None:
    bob = shop.customer("Bob Lee")
    restore(shop, ann, EmailAddress="new@shop.example")
    shop.push()
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["GET"]
    assert shop.badge(ann).state is SyncState.CHANGED
    assert shop.badge(bob).state is SyncState.SYNCED
    assert not shop.link(ann).refresh_due
    assert shop.history(ann)[-1].kind is ActivityKind.CHANGED_IN_XERO


def test_the_next_edit_is_not_pushed_over_what_nobody_saw(shop: Shop, ann: Contact) -> None:
    restore(shop, ann, EmailAddress="new@shop.example")
    shop.edit(ann, mobile="021 555 0002")
    shop.push()
    assert shop.posts() == 0
    assert shop.held(ann)["EmailAddress"] == "new@shop.example"
    assert shop.badge(ann).state is SyncState.CHANGED
    assert "Nothing was sent" in shop.history(ann)[-1].note


def test_what_a_person_sends_after_it_was_shown_goes_to_xero(shop: Shop, ann: Contact) -> None:
    restore(shop, ann, EmailAddress="new@shop.example")
    shop.push()
    send_ours.send_ours(shop.session, shop.business, ann.id, by="Sam", now=now(), jobs=shop.jobs)
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "old@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_debt_of_the_backup_is_sent_where_xero_is_as_it_was(shop: Shop, ann: Contact) -> None:
    shop.edit(ann, email="owed@shop.example")
    restore(shop, ann)
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "owed@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_debt_of_the_backup_that_xero_has_already_is_settled_without_a_call_more(shop: Shop, ann: Contact) -> None:
    shop.edit(ann, email="owed@shop.example")
    restore(shop, ann, EmailAddress="owed@shop.example")
    shop.push()
    assert shop.posts() == 0
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_creation_owed_by_the_backup_is_not_doubled(shop: Shop) -> None:
    nell = shop.unlinked("Nell New")
    linking.link_to_xero(shop.session, shop.business.id, nell.id, by="Mana", now=now(), jobs=shop.jobs)
    shop.xero.add(Name="Nell Renamed", ContactNumber=str(nell.id))
    owed.mark_refresh_due(shop.session, now=now())
    shop.push()
    (held,) = shop.xero.contacts()
    assert held["Name"] == "Nell Renamed"
    assert shop.badge(nell).state is SyncState.CHANGED


@pytest.mark.parametrize("state", [LinkState.PARKED, LinkState.ARCHIVED])
def test_a_link_in_trouble_is_read_too(shop: Shop, ann: Contact, state: LinkState) -> None:
    shop.session.execute(update(Link).values(state=state, reason="as of the backup"))
    restore(shop, ann)
    shop.push()
    assert shop.posts() == 0
    assert shop.link(ann).state is LinkState.ACTIVE
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_customer_archived_in_xero_since_the_backup_is_shown_so(shop: Shop, ann: Contact) -> None:
    restore(shop, ann, ContactStatus="ARCHIVED")
    shop.push()
    assert shop.link(ann).state is LinkState.ARCHIVED
