"""A preview reads and matches, says what an import would do, and changes nothing."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.enums import Phase
from posxero.services.imports import queries, start, undo_preview
from posxero.services.imports.start import Scope
from tests.support.importing import MANA

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

    SignIn = Callable[[User], Browser]


def preview(importer: Importer) -> Import:
    options: dict[str, Any] = {"with_suppliers": False, "by": MANA, "now": importer.clock()}
    run = start.start(importer.session, importer.jobs, importer.business.id, **options, scope=Scope(is_preview=True))
    return importer.finish(run)


def picture(importer: Importer) -> list[tuple[Any, ...]]:
    """Copy every customer and link."""
    importer.session.rollback()
    rows = [importer.session.execute(select(*table.__table__.c)).all() for table in (Contact, Link)]
    return [tuple(row) for table in rows for row in table]


@pytest.fixture
def mixed(importer: Importer, xero: PracticeServer) -> None:
    """One that is linked already, one exact match, one that looks alike, and one that Xero changed."""
    importer.add(name="Linked Before")
    importer.finish(importer.start())
    importer.session.query(Link).limit(1).one().copied_at = None
    importer.session.commit()
    changed = importer.session.scalars(select(Link.xero_id).limit(1)).one()
    xero.edit(changed, FirstName="Changed There")
    for name in ("Ann Smith", "Bo Brown"):
        importer.add(name=name, email=f"{name[:2].lower()}@shop.example")
    xero.add(Name="Ann Smith", EmailAddress="an@shop.example", IsCustomer=True)
    xero.add(Name="B. Brown", EmailAddress="bo@shop.example", IsCustomer=True)
    xero.add(Name="=New", IsCustomer=True)


@pytest.mark.usefixtures("mixed")
def test_it_counts_and_changes_nothing(importer: Importer) -> None:
    before = picture(importer)
    run = preview(importer)
    assert run.phase is Phase.PREVIEWED
    assert (run.to_add, run.to_link, run.to_check) == (1, 1, 1)
    assert run.read == 3 + run.already_linked + run.left_out + run.refused
    assert (run.added, run.linked, run.skipped, undo_preview.may_undo(run)) == (0, 0, 0, False)
    assert picture(importer) == before


@pytest.mark.usefixtures("mixed")
def test_an_import_afterwards_matches_anew(importer: Importer) -> None:
    looked = preview(importer)
    importer.add(name="=New")
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW, "a customer that was added since looks like one that would have been added"
    assert run.to_add == looked.to_add + looked.to_link + looked.to_check


@pytest.mark.usefixtures("mixed")
def test_the_pages_of_a_preview(importer: Importer, sign_in: SignIn, manager: User) -> None:
    browser = sign_in(manager)
    assert "Preview" in browser.get("/imports/new").text
    address = browser.submit("/imports/new", {"press": "look", "suppliers": "yes"}).location
    assert "Looking at your contacts in Xero" in browser.get(address).text
    run = importer.finish(queries.recent(importer.session, importer.business.id)[0])
    page = browser.get(address).text
    assert "Nothing was changed" in page
    for shown, text in (("to_add", "=New"), ("to_link", "Ann Smith"), ("to_check", "B. Brown")):
        assert f'href="{address}?show={shown}#contacts"' in page
        listed = browser.get(f"{address}?show={shown}").text
        assert text in listed
    assert "Same email" in listed
    assert "Import these again" not in browser.get(f"{address}?show=refused").text
    lines = list(csv.reader(io.StringIO(browser.get(f"{address}/preview.csv").text)))
    assert len(lines) == 1 + run.read
    rows = {line[0]: (line[3], line[4]) for line in lines[1:]}
    assert rows["'=New"] == ("Would be added", "")
    assert rows["Ann Smith"] == ("Would be linked", "Ann Smith")
    assert rows["B. Brown"] == ("You would be asked about", "Bo Brown")
    started = browser.submit("/imports/new", {"suppliers": "yes"}).location
    assert started != address
    importer.session.rollback()
    real = queries.recent(importer.session, importer.business.id)[0]
    assert (real.is_preview, real.with_suppliers) == (False, True)


def test_only_managers_look(importer: Importer, sign_in: SignIn, staff: User) -> None:
    run = preview(importer)
    page = sign_in(staff).get(f"/imports/{run.id}").text
    assert "Nothing was changed" in page
    assert "Import from Xero</button>" not in page
