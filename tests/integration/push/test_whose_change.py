"""Whose change Xero is owed stands on the row, and goes into the history with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from posxero.db.activity import Activity
from posxero.db.connection import Connection
from posxero.db.history_note import HistoryNote
from posxero.domain.enums import ActivityKind
from posxero.services.push import retry
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop


def names(shop: Shop, kind: ActivityKind) -> list[str]:
    """Return on whose behalf entries were made, the oldest first."""
    query = select(Activity.on_behalf_of).where(Activity.kind == kind).order_by(Activity.id)
    return list(shop.session.scalars(query))


@pytest.fixture
def refused(shop: Shop) -> Contact:
    shop.xero.add(Name="Taken Ltd")
    ann = shop.edit(shop.customer("Ann Smith"), name="Taken Ltd")
    shop.push()
    return ann


def test_what_was_sent_names_whose_change_it_was(shop: Shop) -> None:
    ann = shop.edit(shop.customer("Ann Smith"), email="ann@new.example")
    shop.push()
    assert shop.link(ann).owed_by == "Sam"
    assert names(shop, ActivityKind.SENT) == ["Sam"]


def test_what_was_refused_names_whose_change_it_was_whoever_tries_again(shop: Shop, refused: Contact) -> None:
    assert names(shop, ActivityKind.NOT_SENT) == ["Sam"]
    retry.try_again(shop.session, shop.business.id, refused.id, by="Mana", now=now(), jobs=shop.jobs)
    shop.push()
    assert names(shop, ActivityKind.NOT_SENT) == ["Sam", "Sam"]


def test_a_note_is_of_who_made_the_change(shop: Shop) -> None:
    shop.session.execute(update(Connection).values(history_notes=True))
    shop.session.commit()
    shop.edit(shop.customer("Ann Smith"), email="ann@new.example")
    shop.push()
    assert shop.session.scalars(select(HistoryNote.owed_by)).all() == ["Sam"]
