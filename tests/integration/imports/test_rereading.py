"""Contacts that could not be imported, or were skipped, are imported again: those alone."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from posxero.db.connection import Connection
from posxero.domain.enums import Decision, Outcome, Phase
from posxero.services.errors import NotConnected
from posxero.services.imports import rereading, review, start
from posxero.services.imports.review import ReviewChoice
from posxero.services.imports.start import Scope
from tests.support.importing import MANA, accounted

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

    SignIn = Callable[[User], Browser]

LONG = "7" * 60  # longer than any company number here


def again(importer: Importer, run: Import, outcome: Outcome) -> Import:
    scope = Scope(retry_of=run.id, retry_outcome=outcome)
    options: dict[str, Any] = {"with_suppliers": run.with_suppliers, "by": MANA, "scope": scope}
    options["now"] = importer.clock()
    return start.start(importer.session, importer.jobs, run.business_id, **options)


@pytest.fixture
def refused(xero: PracticeServer) -> list[str]:
    """Three contacts of Xero that cannot be kept here."""
    return [
        xero.add(Name=name, CompanyNumber=LONG, IsCustomer=True)["ContactID"] for name in ("=cmd()", "Bo & Co", "Cy")
    ]


def test_only_those_are_read_and_added(importer: Importer, xero: PracticeServer, refused: list[str]) -> None:
    first = importer.finish(importer.start())
    assert first.refused == 3
    xero.edit(refused[0], CompanyNumber="77")
    xero.remove(refused[1])
    xero.add(Name="Newer", IsCustomer=True)
    xero.clear_calls()
    second = importer.finish(again(importer, first, Outcome.REFUSED))
    assert (second.phase, second.read, second.added, second.refused) == (Phase.FINISHED, 3, 1, 2)
    assert accounted(second) == 3
    assert importer.contact(refused[0]).company_number == "77"
    assert importer.row(second, refused[1]).reason == rereading.MISSING_IN_XERO
    assert importer.row(second, refused[2]).reason.startswith("Company number is longer")
    assert len(xero.calls("/api.xro/2.0/Contacts")) == 2, "one list, and the missing one alone"
    third = importer.finish(again(importer, first, Outcome.REFUSED))
    assert (third.added, third.already_linked, third.refused) == (0, 1, 2)


def test_many_are_read_in_several_calls(importer: Importer, xero: PracticeServer) -> None:
    for number in range(45):
        xero.add(Name=f"Long {number}", CompanyNumber=LONG, IsCustomer=True)
    first = importer.finish(importer.start())
    second = importer.finish(again(importer, first, Outcome.REFUSED))
    assert (second.read, second.refused, second.total) == (45, 45, 45)


def test_what_was_skipped_is_asked_about_again(importer: Importer, xero: PracticeServer) -> None:
    importer.add(name="Ann Smith", email="ann@shop.example")
    ann = UUID(xero.add(Name="A. Smith", EmailAddress="ann@shop.example", IsCustomer=True)["ContactID"])
    first = importer.finish(importer.start())
    for run, decision in ((first, Decision.SKIP), (None, Decision.ADD)):
        current = run or importer.finish(again(importer, first, Outcome.SKIPPED))
        assert current.phase is Phase.REVIEW
        review.decide(importer.session, current.business_id, current.id, {ann: ReviewChoice(decision)})
        review.continue_import(importer.session, importer.jobs, current.business_id, current.id, now=importer.clock())
        last = importer.finish(current)
    assert (last.phase, last.read, last.added) == (Phase.FINISHED, 1, 1)


def test_they_are_read_in_their_own_organisation(importer: Importer, refused: list[str]) -> None:
    first = importer.finish(importer.start())
    assert first.refused == len(refused)
    importer.session.execute(update(Connection).values(tenant_id=uuid4()))
    importer.session.commit()
    with pytest.raises(NotConnected, match="another organisation"):
        again(importer, first, Outcome.REFUSED)


@pytest.mark.usefixtures("refused")
def test_the_report_has_the_button_and_the_file(importer: Importer, sign_in: SignIn, manager: User) -> None:
    first = importer.finish(importer.start())
    browser, address = sign_in(manager), f"/imports/{first.id}"
    report = browser.get(address).text
    assert "Import these again" in report
    file = browser.get(f"{address}/not-imported.csv?show=refused")
    assert 'filename="refused-' in file.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(file.text)))
    assert sorted(line[0] for line in lines[1:]) == ["'=cmd()", "Bo & Co", "Cy"]
    answer = browser.submit(f"{address}/again", {"outcome": "refused"})
    assert answer.location not in {"", address}
    assert browser.submit(f"{address}/again", {"outcome": "refused"}).location == answer.location, "one at a time"
    assert browser.submit(f"{address}/again", {"outcome": "added"}).location == address
