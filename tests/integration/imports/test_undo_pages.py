"""The pages of undoing an import: what is said before, the button, and the report afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.domain.enums import Phase
from posxero.services.imports import queries
from tests.support.factories import add_contact

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.importing import Importer

    SignIn = Callable[[User], Browser]


def test_the_page_says_who_goes_and_who_stays(importer: Importer, sign_in: SignIn, manager: User) -> None:
    run = importer.finish(importer.start())
    with writing(importer.session):
        kept = importer.session.scalars(select(Contact).order_by(Contact.name_key).limit(1)).one()
        kept.version, kept.name = 2, "Kept <Ltd>"
    browser, address = sign_in(manager), f"/imports/{run.id}"
    assert f'href="{address}/undo"' in browser.get(address).text
    page = browser.get(f"{address}/undo").text
    assert f"{run.added - 1} customers that this import added will be removed." in page
    assert "1 customer will stay as it is: changed here since." in page
    assert "Kept &lt;Ltd&gt;: changed here since" in page
    assert browser.submit(f"{address}/undo", {}).location == address
    assert "Undoing an import" in browser.get(address).text
    assert "Cancel import" not in browser.get(address).text
    browser.submit(f"{address}/cancel", {"sure": "yes"})
    run = importer.finish(queries.get(importer.session, run.business_id, run.id))
    assert run.phase is Phase.UNDONE
    report = browser.get(f"{address}?show=added").text
    assert "This import was undone" in report
    assert "Changed here since" in report
    assert "Undo this import" not in report
    assert browser.get(f"{address}/undo").location == address


def test_only_managers_undo(importer: Importer, sign_in: SignIn, staff: User) -> None:
    run = importer.finish(importer.start())
    browser = sign_in(staff)
    assert "Undo this import" not in browser.get(f"/imports/{run.id}").text
    assert browser.submit(f"/imports/{run.id}/undo", {}).status_code == 403


def test_while_another_import_runs_the_page_says_so(importer: Importer, sign_in: SignIn, manager: User) -> None:
    run = importer.finish(importer.start())
    add_contact(importer.session, importer.business, at=importer.clock(), name="Ours")
    importer.start()
    browser = sign_in(manager)
    browser.submit(f"/imports/{run.id}/undo", {})
    assert "Another import is running" in browser.get(f"/imports/{run.id}").text
