from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select, update

from posxero.db.connection import Connection, Grant
from posxero.domain.enums import ConnectionState, Phase
from posxero.services import sweep
from posxero.services.imports import adding, lease, queries
from posxero.xero.vault import Tokens
from tests.support.transports import Spoiling

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

CONTACTS = "/api.xro/2.0/Contacts"


def test_a_limit_lets_the_worker_go_and_says_when_it_goes_on(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("429", retry_after=40)
    run = importer.turn(importer.start())
    assert (run.phase, run.paused_reason, run.lease_token) == (Phase.READING, "Xero asked us to wait.", None)
    assert run.paused_until is not None
    assert timedelta(seconds=35) < run.paused_until - importer.clock() <= timedelta(seconds=40)
    assert lease.due_imports(importer.session, now=importer.clock()) == []
    importer.later += timedelta(seconds=41)
    assert lease.due_imports(importer.session, now=importer.clock()) == [(run.business_id, run.id)]


def test_the_scheduler_wakes_when_the_pause_of_an_import_is_over(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("429", retry_after=4)
    run = importer.turn(importer.start())
    assert run.paused_until is not None
    at, ten = importer.clock(), timedelta(seconds=10)
    assert sweep.next_wake(importer.session, now=at, within=ten) == run.paused_until - at
    assert sweep.next_wake(importer.session, now=run.paused_until, within=ten) == ten


def test_our_own_limit_is_kept_and_people_keep_their_part(
    open_importer: Callable[..., Importer], open_xero: Callable[[int], PracticeServer]
) -> None:
    xero = open_xero(1500)
    importer = open_importer(xero, POSXERO_XERO_MINUTE_LIMIT="17")
    importer.page_size = 100
    run = importer.finish(importer.start())
    assert run.phase is Phase.READING
    assert run.paused_until is not None
    assert len(xero.calls(CONTACTS)) == run.page <= 2  # 17, less a margin of 5 and 10 for people


def test_an_outage_is_waited_out(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("503", count=2)
    run = importer.finish(importer.start())
    for tries in (1, 2):
        assert (run.tries, run.paused_reason) == (tries, "Xero isn't responding.")
        importer.later += timedelta(seconds=20)
        run = importer.finish(run)
    assert (run.phase, run.tries, run.paused_until) == (Phase.FINISHED, 0, None)


def test_an_outage_that_lasts_ends_the_import_in_words(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("503", count=20)
    run = importer.finish(importer.start())
    for _ in range(10):
        importer.later += timedelta(hours=2)
        run = importer.finish(run)
    assert run.phase is Phase.FAILED
    assert run.error.startswith("Xero couldn't be reached after 8 tries.")
    xero.fault("clear")
    assert importer.finish(importer.start()).phase is Phase.FINISHED


def test_an_access_token_that_ran_out_is_refreshed(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("expire_tokens")
    assert importer.finish(importer.start()).phase is Phase.FINISHED


def test_a_lost_consent_is_waited_out_until_somebody_connects_again(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("disconnect")
    run = importer.turn(importer.start())
    assert run.paused_reason.startswith("Xero says that this app was disconnected")
    connection = importer.session.scalars(select(Connection)).one()
    importer.session.refresh(connection)
    assert connection.state is ConnectionState.LOST
    calls = len(xero.calls(CONTACTS))
    importer.later += timedelta(seconds=31)
    run = importer.turn(run)
    assert run.paused_until is not None
    assert len(xero.calls(CONTACTS)) == calls  # nothing is asked without a consent
    _connect_again(importer, xero, connection)
    importer.later += timedelta(seconds=31)
    assert importer.finish(run).phase is Phase.FINISHED


def test_a_refusal_that_xeros_list_does_not_confirm_is_waited_out(importer: Importer, xero: PracticeServer) -> None:
    left = 1

    def refuse(_: httpx2.Request, body: Any) -> Any:
        nonlocal left
        left -= 1
        return httpx2.Response(403) if left >= 0 else body

    with httpx2.Client(transport=Spoiling(refuse)) as http:
        importer.ports = dataclasses.replace(importer.ports, http=http)
        run = importer.turn(importer.start())
        assert run.paused_reason.startswith("Xero isn't giving us access right now")
        importer.later += timedelta(seconds=10)
        assert importer.finish(run).phase is Phase.FINISHED
    assert len(xero.calls("/connections")) == 1


def test_a_disconnected_business_is_not_read_for(importer: Importer, xero: PracticeServer) -> None:
    run = importer.start()
    importer.session.execute(update(Connection).values(state=ConnectionState.ENDED, ended_at=importer.clock()))
    importer.session.commit()
    run = importer.turn(run)
    assert run.paused_reason.startswith("Xero is disconnected.")
    assert xero.calls(CONTACTS) == []


def test_another_organisation_is_not_read_into_it(importer: Importer, xero: PracticeServer) -> None:
    run = importer.start()
    importer.session.execute(update(Connection).values(tenant_id=uuid4(), name="Other Ltd"))
    importer.session.commit()
    run = importer.turn(run)
    assert run.phase is Phase.FAILED
    assert "Other Ltd" in run.error
    assert xero.calls(CONTACTS) == []


def test_an_error_of_our_own_is_written_down_and_raised(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = importer.start()
    with monkeypatch.context() as broken:
        broken.setattr(adding, "settle", lambda *_args, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            importer.finish(run)
    importer.session.rollback()
    run = queries.get(importer.session, run.business_id, run.id)
    assert (run.tries, run.lease_token) == (1, None)
    assert "Reference" in run.paused_reason
    importer.later += timedelta(seconds=10)
    assert importer.finish(run).phase is Phase.FINISHED


def test_a_page_that_is_too_slow_twice_is_asked_for_in_halves(
    open_importer: Callable[..., Importer], xero: PracticeServer
) -> None:
    importer = open_importer(xero, POSXERO_READ_SECONDS="0.2")
    xero.fault("slow", count=2, seconds=0.5)
    run = importer.finish(importer.start())
    assert (run.tries, run.page_size) == (1, 1000)
    importer.later += timedelta(seconds=10)
    run = importer.finish(run)
    assert (run.phase, run.page_size, run.read) == (Phase.FINISHED, 500, 50)


def test_a_turn_ends_after_its_time_and_hints_at_the_rest(
    open_importer: Callable[..., Importer], xero: PracticeServer
) -> None:
    importer = open_importer(xero, POSXERO_SLICE_SECONDS="0.000001")
    importer.page_size = 10
    run = importer.start()
    importer.jobs.imports.clear()
    run = importer.turn(run)
    assert (run.phase, run.lease_token) == (Phase.READING, None)
    assert importer.jobs.imports == [run.id]


def _connect_again(importer: Importer, xero: PracticeServer, connection: Connection) -> None:
    tokens = xero.tokens()
    grant = importer.session.scalars(select(Grant)).one()
    grant.tokens = importer.ports.vault.seal(
        grant.id, Tokens(tokens["access_token"], tokens["refresh_token"]), business_id=connection.business_id
    )
    grant.expires_at, grant.lost_at = importer.clock() + timedelta(hours=1), None
    connection.state, connection.reason = ConnectionState.CONNECTED, ""
    importer.session.commit()
