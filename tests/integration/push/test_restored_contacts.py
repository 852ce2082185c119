"""Try again on a contact that was archived in Xero and restored there keeps what changed there meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.enums import LinkState, SyncState
from posxero.services.push import retry
from posxero.services.push.links import bulk
from posxero.services.push.links.trouble import Cause
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

THEIRS = "books@x.example"


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """Ann, whom a poll saw archived; since then the bookkeeper restored her in Xero and gave her an email."""
    ann = shop.customer("Ann Smith")
    shop.xero.edit(shop.link(ann).xero_id, EmailAddress=THEIRS)
    with writing(shop.session):
        shop.session.execute(update(Link).values(state=LinkState.ARCHIVED))
    return ann


@pytest.mark.parametrize("is_bulk", [False, True])
def test_where_nothing_is_owed_it_is_read_and_nothing_is_sent(shop: Shop, ann: Contact, *, is_bulk: bool) -> None:
    if is_bulk:
        pressed = (Cause.ARCHIVED, bulk.BulkCure.TRY_AGAIN)
        bulk.cure_all(shop.session, shop.business, *pressed, by="Mana", now=now(), jobs=shop.jobs)
    else:
        retry.try_again(shop.session, shop.business.id, ann.id, by="Mana", now=now(), jobs=shop.jobs)
    assert shop.badge(ann).state is SyncState.WAITING
    shop.push()
    assert (shop.badge(ann).state, shop.posts()) == (SyncState.CHANGED, 0)
    assert shop.held(ann)["EmailAddress"] == THEIRS


def test_what_is_owed_is_sent(shop: Shop, ann: Contact) -> None:
    with writing(shop.session):
        shop.session.execute(update(Link).values(state=LinkState.ACTIVE))
    shop.edit(ann, email="ann@new.example")
    with writing(shop.session):
        shop.session.execute(update(Link).values(state=LinkState.ARCHIVED))
    retry.try_again(shop.session, shop.business.id, ann.id, by="Mana", now=now(), jobs=shop.jobs)
    shop.push()
    assert shop.badge(ann).state is SyncState.SYNCED
    assert shop.held(ann)["EmailAddress"] == "ann@new.example"
