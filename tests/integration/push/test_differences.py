"""A link that was never equal: a push makes it equal, and a read of Xero says whether somebody changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.services import owed
from posxero.services.contacts import send_ours
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer that was linked to a contact with other details."""
    ann = shop.customer("Ann Smith", email="ann@shop.example")
    with writing(shop.session):
        shop.session.execute(update(Link).values(differs=True, differs_since_linked=True))
    return ann


def read_again(shop: Shop) -> None:
    """Have every link read in Xero, and nothing sent."""
    owed.mark_refresh_due(shop.session, now=now())
    shop.push()


def test_a_read_that_shows_the_same_values_changes_nothing(shop: Shop, ann: Contact) -> None:
    read_again(shop)
    assert shop.badge(ann).label == "Differs from Xero"
    assert shop.history(ann) == []


def test_a_read_that_shows_another_value_says_that_somebody_changed_it(shop: Shop, ann: Contact) -> None:
    shop.xero.edit(shop.link(ann).xero_id, FirstName="Ann")
    read_again(shop)
    assert shop.badge(ann).label == "Changed in Xero"


def test_a_tax_number_that_is_never_sent_changes_nothing(shop: Shop, ann: Contact) -> None:
    shop.xero.edit(shop.link(ann).xero_id, TaxNumber="12-345-678")
    read_again(shop)
    assert shop.badge(ann).label == "Differs from Xero"


def test_history_says_what_a_save_replaced_in_xero(shop: Shop, ann: Contact) -> None:
    shop.xero.edit(shop.link(ann).xero_id, FirstName="Anne", TaxNumber="12-345-678")
    read_again(shop)
    shop.edit(ann, mobile="021 555 0002", first_name="Ann")
    shop.push()
    assert list(shop.history(ann)[-1].changes) == [
        ["first_name", "Anne", "Ann"],
        ["email", "", "ann@shop.example"],
        ["mobile", "", "021 555 0002"],
    ]


def test_what_is_sent_makes_them_equal_for_good(shop: Shop, ann: Contact) -> None:
    send_ours.send_ours(shop.session, shop.business, ann.id, by="Sam", now=now(), jobs=shop.jobs)
    shop.push()
    assert shop.badge(ann).label == "Synced"
    shop.xero.edit(shop.link(ann).xero_id, EmailAddress="theirs@shop.example")
    read_again(shop)
    assert shop.badge(ann).label == "Changed in Xero"
