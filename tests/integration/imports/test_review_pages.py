from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import Phase
from posxero.services.imports import queries, review_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


@pytest.fixture
def in_review(importer: Importer, xero: PracticeServer) -> Import:
    """An import with three contacts that need review: one matches two customers."""
    for name in ("Ani Pere", "Rua Tane", "Rua Tane", "Tui Kea"):
        importer.add(name=name)
    for name in ("Ani Pere", "Rua Tane", "Tui Kea"):
        xero.add(Name=name, EmailAddress=f"{name[:3].lower()}@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW
    return run


def decisions(page: str) -> list[tuple[str, str, bool]]:
    found = re.findall(r'name="(choice-[^"]+)"\s+value="([^"]+)"( checked)?', page)
    return [(name, value, bool(checked)) for name, value, checked in found]


def test_each_row_says_why_and_takes_a_decision(
    in_review: Import, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    page = sign_in(manager).get(f"/imports/{in_review.id}").text
    assert "3 contacts look like customers you already have" in page
    assert "Same name, several contacts match" in page
    assert "Step 2 of 3" in page
    assert "every 2s" not in page
    radios = decisions(page)
    assert len(radios) == 3 + 4 + 3  # link, add, skip; a link for each candidate
    assert not any(checked for _, _, checked in radios)


def test_a_reason_begins_with_a_capital_letter_and_keeps_the_name_of_xero(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    importer.add(name="Ani Pere", email="ani@shop.example")
    for _ in range(2):
        xero.add(Name="Ani Pere", EmailAddress="ani@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    page = sign_in(manager).get(f"/imports/{run.id}").text
    assert "Same name and email, two Xero contacts match the same contact here" in page


def test_the_whole_review_works_without_javascript(
    importer: Importer, in_review: Import, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, address = sign_in(manager), f"/imports/{in_review.id}"
    refused = browser.submit(f"{address}/decisions", {"press": "continue", "page": "1"})
    assert refused.status_code == 422
    assert "Choose what to do with 3 contacts" in refused.text
    target = re.search(r'href="#(row-[^"]+)"', refused.text)
    assert target is not None
    assert f'id="{target[1]}"' in refused.text
    assert "<title>Error: " in refused.text
    answer = browser.submit(f"{address}/decisions", {"press": "link-all", "page": "1"})
    assert (answer.status_code, answer.location) == (303, address)
    undecided = {name for name, value, _ in decisions(browser.get(address).text) if value.startswith("link")}
    chosen = {name for name, _, checked in decisions(browser.get(address).text) if checked}
    (left,) = undecided - chosen
    answer = browser.submit(f"{address}/decisions", {left: "skip", "press": "continue", "page": "1"})
    assert answer.status_code == 303
    importer.session.rollback()
    run = importer.finish(queries.get(importer.session, in_review.business_id, in_review.id))
    assert (run.phase, run.linked, run.skipped) == (Phase.FINISHED, 2, 1)
    assert "Import finished in" in browser.get(address).text


def test_the_address_of_the_decisions_leads_a_person_to_the_import(
    in_review: Import, manager: User, staff: User, stranger: User, sign_in: Callable[[User], Browser]
) -> None:
    for reader in (manager, staff):
        answer = sign_in(reader).get(f"/imports/{in_review.id}/decisions")
        assert (answer.status_code, answer.location) == (303, f"/imports/{in_review.id}")
    assert sign_in(stranger).get(f"/imports/{in_review.id}/decisions").status_code == 404


def test_decisions_are_kept_when_the_page_is_left(
    in_review: Import, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, address = sign_in(manager), f"/imports/{in_review.id}"
    name = decisions(browser.get(address).text)[0][0]
    answer = browser.submit(f"{address}/decisions", {name: "add", "press": "page-2", "page": "1"})
    assert answer.location == f"{address}?page=2"
    assert (name, "add", True) in decisions(browser.get(answer.location).text)


@pytest.mark.parametrize(
    "fields",
    [
        {"choice-nonsense": "add"},
        {"choice-{id}": "link:nonsense"},
        {"choice-{id}": "link"},
        {"choice-{id}": "drop"},
        {"press": "page-x", "page": "-4"},
        {"press": "page-999999999999999999999"},
        {"press": "nonsense", "page": "x"},
    ],
)
def test_nonsense_decides_nothing(
    importer: Importer, in_review: Import, manager: User, sign_in: Callable[[User], Browser], fields: dict[str, str]
) -> None:
    browser, address = sign_in(manager), f"/imports/{in_review.id}"
    some = decisions(browser.get(address).text)[0][0].removeprefix("choice-")
    sent = {name.format(id=some): value for name, value in fields.items()}
    answer = browser.submit(f"{address}/decisions", sent)
    assert answer.status_code == 303
    assert browser.get(answer.location).status_code == 200
    assert review_rows.count(importer.session, in_review) == (3, 3)


def test_deciding_too_late_is_said(in_review: Import, manager: User, sign_in: Callable[[User], Browser]) -> None:
    browser, address = sign_in(manager), f"/imports/{in_review.id}"
    browser.submit(f"{address}/decisions", {"press": "skip-all"})
    assert browser.submit(f"{address}/decisions", {"press": "continue"}).status_code == 303
    answer = browser.submit(f"{address}/decisions", {"press": "add-all"}, follow_redirects=True)
    assert "This import is no longer waiting for decisions." in answer.text


def test_who_may_not_decide_sees_what_is_open(
    in_review: Import, staff: User, sign_in: Callable[[User], Browser]
) -> None:
    page = sign_in(staff).get(f"/imports/{in_review.id}").text
    assert "Ask an owner or a manager to decide." in page
    assert decisions(page) == []
    assert "Continue import" not in page


def test_both_sides_are_shown_with_their_equal_parts_marked(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    importer.add(name="Ani Pere", email="ANI@shop.example", phone="021 555 0099", mobile="027 555 0001")
    xero.add(
        Name="A. Pere",
        EmailAddress="ani@shop.example",
        Phones={"MOBILE": {"PhoneNumber": "5550099", "PhoneAreaCode": "21", "PhoneCountryCode": "64"}},
        IsCustomer=True,
    )
    run = importer.finish(importer.start())
    page = sign_in(manager).get(f"/imports/{run.id}").text.replace("<wbr>", "")
    marked = re.findall(r"<mark>(.*?)<span class=\"visually-hidden\"> \(same\)</span></mark>", page)
    assert marked == ["ani@shop.example", "021 555 0099", "ANI@shop.example", "021 555 0099"]
    for shown in ("<strong>A. Pere</strong>", ">Ani Pere</a>", "<li>027 555 0001</li>"):
        assert shown in page
