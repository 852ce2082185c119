"""The report of an import: one sentence, whose numbers lead to their contacts."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome, Phase
from posxero.services.imports import report

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


@pytest.fixture
def finished(importer: Importer, xero: PracticeServer) -> Import:
    """An import after which 2 contacts were refused."""
    importer.add(name="Zed Zorn", email="zed@shop.example")
    xero.add(Name="Zed Zorn", EmailAddress="zed@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    assert run.phase is Phase.FINISHED
    session = importer.session
    added = session.query(ImportRow).filter_by(import_id=run.id, outcome=Outcome.ADDED).order_by(ImportRow.name_key)
    for row in added.limit(2):
        row.outcome, row.reason, row.contact_id = Outcome.REFUSED, "the name is too long for Xero", None
    session.execute(update(Import).values(added=Import.added - 2, refused=2))
    session.commit()
    session.refresh(run)
    session.commit()
    return run


def sentence(page: str) -> str:
    """Return the words of the notice's sentence."""
    found = re.search(r"<p>([^<]* read from .*?)</p>", page, re.DOTALL)
    return (
        html.unescape(re.sub(r"<[^>]+>|\s+", lambda gone: " " if gone[0].isspace() else "", found[1])) if found else ""
    )


def test_it_is_one_sentence_without_noughts(
    finished: Import, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    page = sign_in(manager).get(f"/imports/{finished.id}").text
    said = sentence(page)
    assert said == (
        f"{finished.read:,} contacts read from {finished.organisation}: {finished.added:,} added, 1 linked, "
        f"{finished.left_out:,} not imported and 2 couldn't be imported."
    )
    assert "skipped" not in said
    assert 'class="stats"' not in page
    assert "Archived in Xero" not in page
    assert "Archived in Xero: " in sign_in(manager).get(f"/imports/{finished.id}?show=left_out").text


def test_each_number_leads_to_as_many_contacts(
    finished: Import, staff: User, sign_in: Callable[[User], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "CONTACTS_PER_PAGE", 1000)
    browser = sign_in(staff)
    page = browser.get(f"/imports/{finished.id}").text
    links = re.findall(r'<a href="(/imports/[^"#]*show=[^"#]*)#contacts">([\d,]+) ', page)
    assert [int(number) for _, number in links] == [finished.added, 1, finished.left_out, 2]
    for address, number in links:
        shown = browser.get(html.unescape(address)).text
        assert len(re.findall(r'<th scope="row">', shown)) == int(number)
    assert "The name is too long for Xero" in page, "what could not be imported is shown at once"
    linked = browser.get(f"/imports/{finished.id}?show=linked").text
    customer = re.findall(r'class="row-link"\s+href="([^"]*)">Zed Zorn</a>', linked)
    assert browser.get(customer[0]).status_code == 200


def test_its_pages_can_be_turned(
    finished: Import, staff: User, sign_in: Callable[[User], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "CONTACTS_PER_PAGE", 10)
    browser, seen = sign_in(staff), list[str]()
    pages = -(-finished.added // 10)
    for number in range(1, pages + 1):
        page = browser.get(f"/imports/{finished.id}?show=added&page={number}").text
        seen += re.findall(r'class="row-link"\s+href="[^"]*">([^<]*)<', page)
    assert len(seen) == len(set(seen)) == finished.added
    assert f"page {pages} of {pages}" in browser.get(f"/imports/{finished.id}?show=added&page=99999").text


@pytest.mark.parametrize("query", ["show=nonsense", "show=", "show=added&page=x", "show=%00", "page=-3"])
def test_nonsense_shows_the_report(
    finished: Import, staff: User, sign_in: Callable[[User], Browser], query: str
) -> None:
    assert sentence(sign_in(staff).get(f"/imports/{finished.id}?{query}").text)


def test_its_file_is_for_whoever_may_check_the_books(
    finished: Import, staff: User, bookkeeper: User, sign_in: Callable[[User], Browser]
) -> None:
    for user, status in ((staff, 403), (bookkeeper, 200)):
        browser = sign_in(user)
        assert ("what was not imported (CSV)" in browser.get(f"/imports/{finished.id}").text) is (status == 200)
        assert browser.get(f"/imports/{finished.id}/not-imported.csv").status_code == status
