"""Answers are believed by the id that they name: what is left out, doubled or about another is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posxero.domain.enums import SyncState

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("fewer", {}),
    ("fewer", {"elements": 3}),
    ("more", {}),
    ("repeated", {}),
    ("reordered", {}),
    ("other_id", {"value": ""}),
    ("other_id", {"value": "random"}),
]


@pytest.fixture
def customers(shop: Shop) -> list[Contact]:
    """Three customers who were just edited."""
    return [
        shop.edit(customer, email=f"c{n}@shop.example")
        for n, customer in enumerate(shop.customers([f"Customer {n}" for n in range(3)]))
    ]


def assert_in_sync(shop: Shop, customers: list[Contact]) -> None:
    assert [shop.held(one)["EmailAddress"] for one in customers] == [f"c{n}@shop.example" for n in range(3)]
    assert {shop.badge(one).state for one in customers} == {SyncState.SYNCED}


@pytest.mark.parametrize(("kind", "options"), WRONG)
def test_a_wrong_answer_to_a_write_leaves_nothing_marked_that_was_not_sent(
    shop: Shop, customers: list[Contact], kind: str, options: dict[str, Any]
) -> None:
    shop.xero.fault(kind, method="POST", **options)
    shop.push()
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, customers)
    assert len(shop.xero.contacts()) == 3


def test_a_contact_that_was_not_written_and_is_left_out_of_the_answer_is_sent_again(
    shop: Shop, customers: list[Contact]
) -> None:
    taken = shop.xero.add(Name="Taken Ltd")
    shop.edit(customers[1], name="Taken Ltd")
    shop.xero.fault("fewer", method="POST", contact_id=str(shop.link(customers[1]).xero_id))
    shop.push()
    assert shop.badge(customers[1]).state is SyncState.WAITING
    shop.xero.remove(taken["ContactID"])
    shop.wait_over()
    shop.push()
    assert shop.held(customers[1])["Name"] == "Taken Ltd"
    assert_in_sync(shop, customers)


@pytest.mark.parametrize(("kind", "options"), WRONG)
def test_a_wrong_answer_to_a_verify_is_not_a_missing_contact(
    shop: Shop, customers: list[Contact], kind: str, options: dict[str, Any]
) -> None:
    shop.xero.fault("drop_before", method="POST")
    shop.push()
    shop.wait_over()
    shop.xero.fault(kind, method="GET", **options)
    shop.push()
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, customers)


def test_a_contact_that_even_its_own_address_does_not_show_is_tried_again_and_then_said(
    shop: Shop, customers: list[Contact]
) -> None:
    shop.xero.fault("drop_before", method="POST")
    shop.push()
    shop.wait_over()
    xero_id = str(shop.link(customers[0]).xero_id)
    shop.xero.fault("fewer", 99, method="GET", contact_id=xero_id)
    for _ in range(9):
        shop.push()
        shop.wait_over()
    assert shop.badge(customers[0]).state is SyncState.FAILED
    assert "didn't include this contact" in shop.link(customers[0]).reason
    assert {shop.badge(one).state for one in customers[1:]} == {SyncState.SYNCED}


def test_a_huge_answer_to_a_write_is_an_unknown_outcome(shop: Shop, customers: list[Contact]) -> None:
    shop.xero.fault("huge", method="POST")
    shop.push()
    assert {shop.badge(one).state for one in customers} <= {SyncState.WAITING, SyncState.PAUSED}
    shop.wait_over()
    shop.push()
    assert_in_sync(shop, customers)
