"""How far an import is on its page: the bar never goes back, and a pause counts down to the next call."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from posxero.db.import_ import Import
from posxero.domain.enums import Decision, Phase
from posxero.services.imports import review
from posxero.services.imports.progress import percent as percent_of
from posxero.services.imports.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

    SignIn = Callable[[User], Browser]


def percent(page: str) -> int:
    found = re.search(r'<progress[^>]*value="(\d+)"', page)
    assert found is not None
    return int(found[1])


def test_after_the_review_the_bar_and_the_steps_go_on(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: SignIn
) -> None:
    browser = sign_in(manager)
    importer.add(name="Ani Pere")
    xero.add(Name="Ani Pere", IsCustomer=True)
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW
    before = progress(run, now=importer.clock()).percent
    review.decide_all(importer.session, run.business_id, run.id, Decision.SKIP)
    review.continue_import(importer.session, importer.jobs, run.business_id, run.id, now=importer.clock())
    page = browser.get(f"/imports/{run.id}").text
    assert percent(page) == before
    assert "Step 2 of 3" in page
    assert "Checking Xero for the latest changes" in page
    assert "Asking Xero how many contacts there are" not in page
    assert importer.finish(run).phase is Phase.FINISHED


def test_the_bar_does_not_go_back_when_xeros_list_grows(importer: Importer, xero: PracticeServer) -> None:
    importer.page_size = 10
    run = importer.start()
    shown = []
    for page in (3, 4):
        xero.fault("503", query={"page": str(page)})
        run = importer.finish(run)
        assert (run.phase, run.page) == (Phase.READING, page - 1)
        shown.append(progress(run, now=importer.clock()).percent)
        for number in range(60):
            xero.add(Name=f"Newcomer {number} before page {page}", IsCustomer=True)
        importer.later += timedelta(seconds=20)
    assert shown == [24, 24]  # 30 of 110 would be 16
    assert percent_of(run) < run.percent_reached == 24


def test_a_pause_counts_down_to_the_next_call(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: SignIn
) -> None:
    browser = sign_in(manager)
    xero.fault("429", retry_after=43)
    run = importer.turn(importer.start())
    page = browser.get(f"/imports/{run.id}").text
    assert re.search(r'Continues in <span role="timer">0:4[0-3]</span>\.', page)
    assert 'hx-trigger="every 1s"' in page
    assert "Nothing read yet" in page
    assert run.paused_until is not None
    for wait, said in ((timedelta(seconds=42), "0:42"), (timedelta(minutes=2), "2:00"), (timedelta(0), "0:00")):
        _pause(importer, importer.clock() + wait)
        assert f'Continues in <span role="timer">{said}</span>.' in browser.get(f"/imports/{run.id}").text


def test_a_long_pause_says_when_it_ends(
    importer: Importer, xero: PracticeServer, manager: User, sign_in: SignIn
) -> None:
    xero.fault("429", retry_after=43)
    run = importer.turn(importer.start())
    _pause(importer, importer.clock() + timedelta(hours=20))
    page = sign_in(manager).get(f"/imports/{run.id}").text
    assert re.search(r"Continues (tomorrow )?at \d{1,2}:\d\d [ap]m\.", page)
    assert 'hx-trigger="every 2s"' in page


def test_a_worker_that_has_the_import_again_ends_the_pause(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("429", retry_after=43)
    run = importer.turn(importer.start())
    assert run.paused_until is not None
    for lease, left in ((None, timedelta(0)), (run.id, None)):
        run.lease_token = lease
        assert progress(run, now=run.paused_until).pause_left == left
    importer.session.rollback()


def _pause(importer: Importer, until: object) -> None:
    importer.session.execute(update(Import).values(paused_until=until))
    importer.session.commit()
