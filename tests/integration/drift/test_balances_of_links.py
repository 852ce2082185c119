"""A link that is made without a page of Xero's contacts: the next poll reads its balance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from posxero.domain.drift_kinds import DriftKind
from posxero.services.push.links import following, joining, lookups, searches
from tests.support.invoices import SellingShop
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.drifting import DriftShop

pytestmark = pytest.mark.usefixtures("till")
BALANCES = {"AccountsReceivable": {"Outstanding": 80.4, "Overdue": 0}}


@pytest.fixture
def till(shop: DriftShop) -> SellingShop:
    return SellingShop(shop)


def add_in_xero(shop: DriftShop, name: str, **fields: Any) -> UUID:
    return UUID(shop.xero.add(Name=name, Balances=BALANCES, **fields)["ContactID"])


def balance(shop: DriftShop, contact: Contact) -> Decimal | None:
    return shop.link(contact).outstanding


def test_the_balance_of_a_link_that_is_made_by_hand_is_read(shop: DriftShop) -> None:
    ana = shop.unlinked("Ana Reid", email="ana@shop.example")
    theirs = add_in_xero(shop, "Ana Reid")
    searches.ask(shop.session, shop.business.id, ana.id, "Ana", now=now(), jobs=shop.jobs)
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    joining.link_to_contact(shop.session, shop.business, ana.id, theirs, by="Mana", now=now(), jobs=shop.jobs)
    assert balance(shop, ana) is None
    shop.run(DriftKind.INVOICES)
    assert (balance(shop, ana), shop.link(ana).overdue) == (Decimal("80.40"), Decimal(0))


def test_a_link_that_follows_a_merge_has_the_balance_of_the_survivor(shop: DriftShop) -> None:
    ann = shop.customer("Ann Smith")
    shop.xero.edit(shop.theirs(ann), Balances={"AccountsReceivable": {"Outstanding": 1, "Overdue": 1}})
    shop.walk()
    assert balance(shop, ann) == Decimal(1)
    winner = add_in_xero(shop, "Ann Smith Ltd")
    shop.xero.act(shop.theirs(ann), "merge", into=str(winner))
    shop.edit(ann, email="ann@new.example")
    shop.push()
    lookups.look_up(shop.session, shop.business.id, shop.ports)
    following.follow(shop.session, shop.business, ann.id, by="Mana", now=now(), jobs=shop.jobs)
    assert balance(shop, ann) is None
    shop.push()
    shop.run(DriftKind.INVOICES)
    assert balance(shop, ann) == Decimal("80.40")


def test_the_balance_of_a_sales_customer_who_was_found_in_xero_is_read(shop: DriftShop, till: SellingShop) -> None:
    ana = shop.unlinked("Ana Reid", email="ana@shop.example")
    theirs = add_in_xero(shop, "Ana Reid", EmailAddress="ana@shop.example")
    till.charge(ana)
    shop.push()
    assert shop.link(ana).xero_id == theirs
    shop.run(DriftKind.INVOICES)
    assert balance(shop, ana) is not None
