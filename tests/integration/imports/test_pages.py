from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.import_ import Import

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.importing import Importer


def count(importer: Importer) -> int:
    return importer.session.scalar(select(func.count()).select_from(Import)) or 0


def test_a_manager_starts_an_import_and_watches_it(
    importer: Importer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(manager)
    page = browser.get("/imports/new")
    assert "Kiwi Outfitters" in page.text
    assert 'href="/imports"' in page.text
    assert count(importer) == 0
    started = browser.submit("/imports/new", {"idempotency_key": "1"})
    assert started.status_code == 303
    shown = browser.get(started.location)
    assert "<title>0% · Importing from Xero" in shown.text
    assert '<meta http-equiv="refresh" content="5">' in shown.text
    assert 'hx-trigger="every 2s"' in shown.text
    assert "You can leave this page" in shown.text


def test_the_report_is_the_last_thing_the_page_asks_for(
    importer: Importer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(manager)
    run = importer.start()
    polled = browser.part(f"/imports/{run.id}/progress", f"section#import-{run.id}")
    assert "every 2s" in polled.text
    assert "<html" not in polled.text
    importer.finish(run)
    polled = browser.part(f"/imports/{run.id}/progress", f"section#import-{run.id}")
    assert "every 2s" not in polled.text
    assert "Import finished in" in polled.text
    assert "See customers" in polled.text
    left_out = f"/imports/{run.id}?show=left_out"
    assert f'<a href="{left_out}#contacts">{run.left_out} not imported</a>' in polled.text
    assert "Supplier only" in browser.get(left_out).text


def test_the_address_of_the_progress_leads_a_person_to_the_page(
    importer: Importer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    run = importer.start()
    answer = sign_in(manager).get(f"/imports/{run.id}/progress")
    assert (answer.status_code, answer.location) == (303, f"/imports/{run.id}")


def test_a_second_start_is_led_to_the_first(
    importer: Importer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(manager)
    first = browser.submit("/imports/new", {"idempotency_key": "1"}).location
    again = browser.submit("/imports/new", {"idempotency_key": "1"})
    assert (again.status_code, again.location) == (303, first)
    other = browser.submit("/imports/new", {"idempotency_key": "2"})
    assert other.status_code == 409
    assert first in other.text
    assert count(importer) == 1


def test_the_form_of_a_finished_import_leads_to_it_and_starts_no_other(
    importer: Importer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(manager)
    first = browser.submit("/imports/new", {"idempotency_key": "1"}).location
    browser.submit(f"{first}/cancel", {"sure": "yes"})
    again = browser.submit("/imports/new", {"idempotency_key": "1"})
    assert (again.status_code, again.location) == (303, first)
    assert count(importer) == 1


def test_without_a_connection_the_page_leads_to_xero(
    owner: User, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(owner)
    assert "/xero/connect" in browser.get("/imports/new").text
    assert browser.submit("/imports/new").status_code == 409
    assert "/xero/connect" not in sign_in(manager).get("/imports/new").text


def test_cancelling_asks_first_and_works_without_javascript(
    importer: Importer, manager: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(manager)
    run = importer.start()
    assert "Customers already added stay" in browser.get(f"/imports/{run.id}/cancel").text
    unsure = browser.submit(f"/imports/{run.id}/cancel")
    assert (unsure.status_code, unsure.location) == (303, f"/imports/{run.id}/cancel")
    answer = browser.submit(f"/imports/{run.id}/cancel", {"sure": "yes"})
    assert (answer.status_code, answer.location) == (303, f"/imports/{run.id}")
    assert "The import was cancelled" in browser.get(answer.location).text


@pytest.mark.parametrize("role", ["staff", "bookkeeper"])
def test_who_may_not_import_may_watch(
    importer: Importer, role: str, request: pytest.FixtureRequest, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(request.getfixturevalue(role))
    run = importer.start()
    shown = browser.get(f"/imports/{run.id}")
    assert shown.status_code == 200
    assert "Cancel import" not in shown.text
    assert browser.get("/imports").status_code == 200
    assert browser.get("/imports/new").status_code == 403
    for path in ("/imports/new", f"/imports/{run.id}/cancel", f"/imports/{run.id}/decisions"):
        assert browser.submit(path).status_code == 403
    assert count(importer) == 1


def test_another_business_sees_nothing_of_it(
    importer: Importer, stranger: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(stranger)
    run = importer.start()
    for path in ("", "/progress", "/cancel", "/not-imported.csv"):
        assert browser.get(f"/imports/{run.id}{path}").status_code == 404
    for path in ("/cancel", "/decisions"):
        assert browser.submit(f"/imports/{run.id}{path}").status_code == 404
    assert str(run.id) not in browser.get("/imports").text


def test_nobody_is_asked_to_sign_in(importer: Importer, client: Browser) -> None:
    run = importer.start()
    for path in ("/imports", "/imports/new", f"/imports/{run.id}", f"/imports/{run.id}/not-imported.csv"):
        assert client.get(path).status_code == 303
    assert re.match("/sign-in", client.get(f"/imports/{run.id}").location)
