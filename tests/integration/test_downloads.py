"""Files that are handed out: every program reads them as UTF-8, and they hold what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind, LinkState
from posxero.services import activity
from tests.support import factories, merges
from tests.support.filing import FileImporter
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.settings import Settings
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

UTF_8_MARK = b"\xef\xbb\xbf"


def test_each_says_that_it_is_utf_8(
    session: Session, business: Business, sign_in: SignIn, owner: User, settings: Settings
) -> None:
    """A spreadsheet takes one that does not for another encoding, and Zoë would come back as ZoÃ«."""
    kiwi = factories.add_connection(session, business)
    zoe = factories.add_contact(session, business, "Zoë Kahu")
    factories.add_link(session, zoe, kiwi, state=LinkState.PARKED, reason="Xero says no.")
    filer = FileImporter(session, business, settings)
    run = filer.load("Name,Email\nZoë,zoe\n")
    preview = filer.finish(filer.start("Name\nZoë\n", is_preview=True))
    files = ["/customers.csv", "/customers/history.csv", f"/customers/{zoe.id}/history.csv"]
    files += ["/sync/activity.csv?state=imports", "/sync/links/links.csv"]
    files += [f"/imports/{run.id}/not-imported.csv", f"/imports/{preview.id}/preview.csv"]
    browser = sign_in(owner)
    for path in files:
        answer = browser.get(path)
        assert (path, answer.status_code, answer.data[:3]) == (path, 200, UTF_8_MARK)


def test_a_history_holds_that_of_who_was_merged(
    session: Session, business: Business, sign_in: SignIn, manager: User
) -> None:
    factories.add_connection(session, business)
    ann, anna = (factories.add_contact(session, business, name) for name in ("Ann", "Anna"))
    changes = {"phone": ("", "021 555 7777")}
    with writing(session):
        activity.record(session, anna, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes=changes)
    merges.merge_into(session, business, ann, anna)
    browser = sign_in(manager)
    for path in (f"/customers/{ann.id}/history", f"/customers/{ann.id}/history.csv"):
        assert "021 555 7777" in browser.get(path).text
