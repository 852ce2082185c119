from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import Phase
from tests.support.importing import accounted

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example")',
    "/Date(1419937200000+0000)/",
    "left \u202eright",
    "\U0001f9e6 socks \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "two\r\nlines",
    "\ufdfa" * 255,  # each folds to eighteen letters
    "n" * 255,
    "'; DROP TABLE contact; --",
    "{{ 7 * 7 }}",
    "%(name)s %s :name",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_kept_as_it_is(importer: Importer, xero: PracticeServer, name: str) -> None:
    there = xero.add(Name=name, IsCustomer=True)["ContactID"]
    run = importer.finish(importer.start())
    assert run.phase is Phase.FINISHED
    assert importer.contact(there).name == name
    assert accounted(run) == run.read


@pytest.mark.parametrize("name", ["nul \0 inside", "lone \ud83d surrogate"])
def test_what_no_database_holds_is_replaced(importer: Importer, xero: PracticeServer, name: str) -> None:
    there = xero.add(Name=name, IsCustomer=True)["ContactID"]
    assert importer.finish(importer.start()).phase is Phase.FINISHED
    assert importer.contact(there).name == name.replace("\0", "\ufffd").replace("\ud83d", "\ufffd")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Name": "x" * 256}, "Name is longer than 255 characters. Shorten it in Xero, then import again."),
        ({"Name": "Long Tax", "TaxNumber": "9" * 51}, "Tax number is longer than 50 characters."),
        ({"Name": ""}, "It has no name. Give it one in Xero, then import again."),
        ({"Name": "  "}, "It has no name. Give it one in Xero, then import again."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    importer: Importer, xero: PracticeServer, fields: dict[str, str], reason: str
) -> None:
    there = xero.add(IsCustomer=True, **fields)["ContactID"]
    run = importer.finish(importer.start())
    assert (run.phase, run.refused) == (Phase.FINISHED, 1)
    assert importer.row(run, there).reason.startswith(reason)
    assert accounted(run) == run.read


def test_the_file_of_what_was_not_imported_is_inert(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "  =1", "\xa0=1", "\uff1d1", "\u200b=1", "a;=1", "a\n-1"]
    for formula in formulas:
        xero.add(Name=formula + "x" * 256, EmailAddress="=cmd@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    answer = sign_in(manager).get(f"/imports/{run.id}/not-imported.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    split = [cell for row in csv.reader(io.StringIO(answer.text, newline=""), delimiter=";") for cell in row]
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in (*cells, *split) if re.match(r"[\s\u200b]*[=+@\uff1d-]", cell)] == []
    assert "\"a;'=1x" in answer.text, "a spreadsheet that splits at ; reads no formula"
    assert len(rows) == 1 + run.left_out + run.refused
    refused = [row for row in rows if row[3] == "Couldn't import"]
    assert len(refused) == len(formulas)
    assert all(row[0].startswith(("'", "a;'", "a\n'")) and row[1].startswith("'=") for row in refused)


def test_hostile_names_are_shown_as_text(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    for name in NAMES[:2]:
        importer.add(name=name)
        xero.add(Name=name, IsCustomer=True)
        xero.add(Name=name + "x" * 256, IsCustomer=True)
    run = importer.finish(importer.start())
    browser = sign_in(manager)
    review = browser.get(f"/imports/{run.id}").text
    browser.submit(f"/imports/{run.id}/decisions", {"press": "skip-all"})
    browser.submit(f"/imports/{run.id}/decisions", {"press": "continue"})
    importer.session.rollback()
    run = importer.finish(run)
    report = browser.get(f"/imports/{run.id}").text
    for page in (review, report):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert" in page
