"""A page of contacts is believed only where it holds what it says it must."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from posxero.xero.errors import Incomplete
from posxero.xero.pages import parse_page


def answer(contacts: int, **pagination: int) -> dict[str, Any]:
    said = {"page": 1, "pageSize": 10, "pageCount": 1, "itemCount": contacts} | pagination
    return {"Contacts": [{"ContactID": str(uuid4())} for _ in range(contacts)], "pagination": said}


def read(body: dict[str, Any], number: int = 1, *, whole: bool = True) -> tuple[int, int, int]:
    page = parse_page(json.dumps(body).encode(), number, 10, is_full_walk=whole)
    return len(page.contacts), page.page_count, page.item_count


def test_a_page_that_holds_what_it_says_is_believed() -> None:
    assert read(answer(10, pageCount=3, itemCount=25)) == (10, 3, 25)
    assert read(answer(5, page=3, pageCount=3, itemCount=25), 3) == (5, 3, 25)
    assert read(answer(0, page=4, pageCount=3, itemCount=25), 4) == (0, 3, 25)
    assert read(answer(0, pageCount=0)) == (0, 0, 0)


def test_xero_may_give_fewer_a_page_than_were_asked_for() -> None:
    assert read(answer(5, pageSize=5, pageCount=5, itemCount=25)) == (5, 5, 25)


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({}, 1),
        ({"Contacts": None}, 1),
        ({"Contacts": []}, 1),
        (answer(9, itemCount=10), 1),
        (answer(0, itemCount=10), 1),
        (answer(4, page=3, pageCount=3, itemCount=25), 3),
        (answer(10, itemCount=25), 1),
        (answer(10, pageCount=3, itemCount=25), 2),
        (answer(10) | {"Contacts": [{"ContactID": str(uuid4())}] * 10}, 1),
        (answer(10) | {"Contacts": [{"Name": "without an id"}] * 10}, 1),
    ],
)
def test_a_page_that_holds_less_is_not(body: dict[str, Any], number: int) -> None:
    with pytest.raises(Incomplete):
        read(body, number)


def test_what_changed_may_come_without_a_count() -> None:
    assert read({"Contacts": []}, whole=False) == (0, 1, 0)
    full = {"Contacts": answer(10)["Contacts"]}
    assert read(full, whole=False) == (10, 2, 10)
    assert read(full, 2, whole=False) == (10, 3, 20)
