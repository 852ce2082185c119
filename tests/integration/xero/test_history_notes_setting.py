"""Settings → Xero: whether changes are noted in Xero's own history of each contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import consenting

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer

    SignIn = Callable[[User], Browser]


def test_an_owner_turns_notes_on_and_off(olive: Browser, practice: PracticeServer) -> None:
    consenting.connect(olive, practice)
    assert "Off. When this is on" in olive.get("/settings/xero").text
    olive.submit("/settings/xero/history-notes", {"history_notes": "on"})
    page = olive.get("/settings/xero").text
    assert "On: each change" in page
    assert "Changes will be noted in Xero." in page
    olive.submit("/settings/xero/history-notes", {"history_notes": "off"})
    assert "Off. When this is on" in olive.get("/settings/xero").text


def test_a_manager_reads_the_choice_and_does_not_make_it(
    olive: Browser, sign_in: SignIn, manager: User, practice: PracticeServer
) -> None:
    consenting.connect(olive, practice)
    mana = sign_in(manager)
    page = mana.get("/settings/xero").text
    assert "Off. When this is on" in page
    assert "Turn on" not in page
    assert mana.submit("/settings/xero/history-notes", {"history_notes": "on"}).status_code == 403
