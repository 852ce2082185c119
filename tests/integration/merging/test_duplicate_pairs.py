"""Who may be in the list twice: pairs with their reasons, page by page, and those who are not the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.domain.fields import KEYS
from posxero.services.contacts.duplicates import distinct, pairs
from posxero.services.contacts.duplicates.pairs import PairPosition
from posxero.services.contacts.search.keys import search_columns
from tests.support import factories, merges
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    Counting = Callable[[], AbstractContextManager[list[str]]]

BEGINNING = PairPosition()


def add(session: Session, business: Business, name: str, **details: Any) -> Contact:
    return factories.add_contact(session, business, name, **details)


def found(session: Session, business: Business) -> dict[tuple[str, str], tuple[str, ...]]:
    page = pairs.page(session, business.id, BEGINNING)
    session.rollback()
    return {(pair.first.name, pair.second.name): pair.reasons for pair in page.pairs}


def test_pairs_are_found_with_their_reasons(session: Session, business: Business, other_business: Business) -> None:
    add(session, business, "Ana Reid", email="Ana@x.example", street_city="Napier", mobile="021 555 0002")
    add(session, business, "Reid, Anna", email="ana@x.example", street_city="napier")
    add(session, business, "Bo", phone="+64 21 555 0002")
    add(session, business, "Kauri Ltd", street_city="Taupō")
    add(session, business, "KAURI LIMITED", street_city="Taupo")
    add(session, business, "Zoë Lee")
    add(session, business, "Zoe Lee", street_city="Nelson")
    add(session, business, "Dan Lee", street_city="Nelson")
    add(session, other_business, "Zoe Lee")
    assert found(session, business) == {
        ("Ana Reid", "Reid, Anna"): ("same email", "similar names, both in Napier"),
        ("Ana Reid", "Bo"): ("same phone",),
        ("Kauri Ltd", "KAURI LIMITED"): ("similar names, both in Taupō",),
        ("Zoë Lee", "Zoe Lee"): ("same name",),
    }


def test_namesakes_in_two_places_and_merged_ones_are_not_listed(session: Session, business: Business) -> None:
    first = add(session, business, "Ana Reid", street_city="Napier")
    add(session, business, "Ana Reid", street_city="Nelson")
    third = add(session, business, "Ana Reid", street_city="Napier")
    assert list(found(session, business).values()) == [("same name, both in Napier",)]
    merges.merge_into(session, business, first, third)
    assert found(session, business) == {}


def test_what_is_not_the_same_is_not_proposed_again_until_that_is_taken_back(
    session: Session, business: Business
) -> None:
    one, other = (add(session, business, name, email="us@x.example") for name in ("Ana", "Bo"))
    for _ in range(2):
        distinct.mark(session, business.id, other.id, one.id, by="Mia", now=now())
    assert found(session, business) == {}
    distinct.unmark(session, business.id, one.id, other.id)
    assert list(found(session, business)) == [("Ana", "Bo")]


def test_what_many_share_says_nothing(session: Session, business: Business) -> None:
    for n in range(pairs.MEMBERS_MAX + 1):
        add(session, business, f"Guest {n} {'abcdefghij'[n] * 9}", phone="09 555 0000")
    assert found(session, business) == {}


def test_pages_follow_each_other_with_as_many_statements_however_many_customers(
    session: Session, business: Business, count_statements: Counting
) -> None:
    rows = []
    for n in range(2 * pairs.GROUPS_PER_PAGE + 3):
        for _ in range(2):
            fields = dict.fromkeys(KEYS, "") | {"name": f"No {n:03}", "email": f"{n:03}@x.example"}
            keys = search_columns(fields, "NZ")
            shared = {"business_id": business.id, "id": new_id(), "created_at": LONG_AGO, "updated_at": LONG_AGO}
            rows.append({**keys, **shared, "name": fields["name"], "email": fields["email"]})
    session.execute(insert(Contact), rows)
    session.commit()
    seen, after = list[str](), BEGINNING
    while True:
        with count_statements() as statements:
            page = pairs.page(session, business.id, after)
        assert len(statements) <= 5
        seen += [pair.first.name for pair in page.pairs]
        if page.next is None:
            break
        after = PairPosition.parse(str(page.next))
    assert sorted(seen) == [f"No {n:03}" for n in range(2 * pairs.GROUPS_PER_PAGE + 3)]


def test_the_page_leads_to_the_merge_and_remembers_who_is_not_the_same(
    session: Session, business: Business, sign_in: Callable[[User], Browser], manager: User
) -> None:
    one, other = (add(session, business, name, email="us@x.example") for name in ("Ana", "Bo"))
    browser = sign_in(manager)
    assert "/customers/duplicates" in browser.get("/customers").text
    page = browser.get("/customers/duplicates").text
    assert f"/customers/{one.id}/merge?other={other.id}" in page
    assert "Same email" in page
    ids = {"one": str(one.id), "other": str(other.id)}
    after = browser.submit("/customers/duplicates/not-the-same", ids, follow_redirects=True).text
    assert "They are not the same, and are not listed again." in after
    assert "No duplicates found" in after
    again = browser.submit("/customers/duplicates/propose-again", ids, follow_redirects=True).text
    assert "They are listed again." in again
    assert "Same email" in again
    ids["other"] = str(new_id())
    assert browser.submit("/customers/duplicates/not-the-same", ids).status_code == 404
    factories.add_contact(session, business, "Ann", street_city="Napier")
    factories.add_contact(session, business, "Ann", street_city="Napier")
    assert "Same name, both in Napier" in browser.get("/customers/duplicates").text
