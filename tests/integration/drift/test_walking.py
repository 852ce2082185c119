"""The nightly walk sees what moves no time in Xero: flags, and contacts that vanished."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from posxero.db.activity import Activity
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import LinkState

if TYPE_CHECKING:
    from tests.support.drifting import DriftShop


def test_a_contact_that_vanished_is_looked_up_alone_and_marked(shop: DriftShop) -> None:
    ann, bob = shop.customer("Ann Smith"), shop.customer("Bob Lee")
    shop.passed += timedelta(minutes=1)
    shop.xero.remove(shop.theirs(ann))
    shop.walk()
    assert (shop.waiting(), shop.link(ann).state) == (1, LinkState.ACTIVE)  # a list does not tell
    shop.read()
    assert (shop.link(ann).state, shop.link(bob).state) == (LinkState.MISSING, LinkState.ACTIVE)
    shop.walk()
    assert shop.waiting() == 0


def test_a_contact_that_the_list_left_out_stays_linked(shop: DriftShop) -> None:
    ann = shop.customer("Ann Smith")
    shop.customer("Bob Lee")
    shop.passed += timedelta(minutes=1)
    shop.xero.remove(shop.theirs(ann))
    shop.walk()
    assert shop.waiting() == 1


def test_a_flag_that_moved_no_time_is_seen(shop: DriftShop) -> None:
    ann = shop.customer("Ann Smith")
    stamp = XeroCopy.from_json(shop.link(ann).copy).updated_at
    shop.passed += timedelta(minutes=1)
    shop.xero.edit(shop.theirs(ann), IsSupplier=True)
    shop.walk()
    copy = XeroCopy.from_json(shop.link(ann).copy)
    shop.session.refresh(ann)
    assert (copy.is_supplier, ann.is_supplier, shop.link(ann).differs) == (True, False, False)
    assert stamp


def test_a_walk_that_restarts_forgets_what_it_saw(shop: DriftShop) -> None:
    shop.customer("Ann Smith")
    shop.xero.fault("503")
    shop.walk()
    check = shop.check(DriftKind.WALK)
    assert (check.page, check.failing_since is not None) == (0, True)
    shop.walk()
    assert shop.check(DriftKind.WALK).failing_since is None


def test_the_next_walk_is_due_while_the_shop_sleeps(shop: DriftShop) -> None:
    shop.business.timezone = "Pacific/Auckland"
    shop.session.commit()
    shop.walk()
    due_at = shop.check(DriftKind.WALK).due_at
    assert due_at is not None
    assert 2 <= due_at.astimezone(ZoneInfo("Pacific/Auckland")).hour <= 3
    assert timedelta(0) < due_at - shop.now() <= timedelta(hours=25)


def test_a_difference_that_is_only_formatting_is_cleared(shop: DriftShop) -> None:
    ann = shop.customer("Ann Smith", phone="03 555 0101")
    phone = {"DEFAULT": {"PhoneNumber": "5550101", "PhoneAreaCode": "03", "PhoneCountryCode": ""}}
    shop.xero.edit(shop.theirs(ann), Phones=phone)
    shop.walk()
    with writing(shop.session):
        link = shop.link(ann)
        shop.session.merge(link).differs = True
    history = shop.session.scalar(select(func.count()).select_from(Activity))
    shop.passed += timedelta(days=1)
    shop.walk()
    assert (shop.link(ann).differs, ann.phone) == (False, "03 555 0101")
    assert shop.session.scalar(select(func.count()).select_from(Activity)) == history
