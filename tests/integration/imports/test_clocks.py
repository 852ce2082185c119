"""A clock that was an hour ahead and is set back: no lease and no pause lasts longer than was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import select, update

from posxero.db.base import database_time
from posxero.db.connection import Connection, Grant
from posxero.db.lease import is_over
from posxero.domain.enums import Phase
from posxero.domain.pauses import is_over as is_past
from posxero.services.imports.cancel import cancel
from posxero.services.imports.lease import ImportLease, due_imports
from posxero.services.imports.progress import progress
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.services.xero_connection import token_refresh
from posxero.settings import Settings
from posxero.xero.errors import Limited
from posxero.xero.limits import Limits
from posxero.xero.vault import Vault
from tests.support import factories

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

HOUR = timedelta(hours=1)
TENANT = uuid4()


def test_an_import_is_taken_over_from_a_worker_whose_clock_was_ahead(importer: Importer) -> None:
    run = importer.start()
    importer.later = HOUR
    timings = importer.ports.settings.timings
    assert ImportLease.claim(importer.session, run.business_id, run.id, timings, importer.clock)
    assert due_imports(importer.session, now=importer.clock()) == [], "a worker has it"
    importer.later = -timedelta(seconds=2)
    assert importer.finish(run).phase is Phase.FINISHED


def test_a_small_correction_of_the_clock_frees_no_lease(importer: Importer) -> None:
    run = importer.start()
    importer.later = timedelta(seconds=3)
    timings = importer.ports.settings.timings
    assert ImportLease.claim(importer.session, run.business_id, run.id, timings, importer.clock)
    importer.later = timedelta()
    assert due_imports(importer.session, now=importer.clock()) == []


def test_a_pause_of_an_import_does_not_last_an_hour(importer: Importer, xero: PracticeServer) -> None:
    xero.fault("429", retry_after=40)
    importer.later = HOUR
    run = importer.turn(importer.start())
    assert run.paused_until is not None
    importer.later = timedelta()
    assert progress(run, now=importer.clock()).pause_left == timedelta(0)
    assert due_imports(importer.session, now=importer.clock()) == [(run.business_id, run.id)]


def test_an_import_of_a_worker_whose_clock_was_ahead_is_cancelled_at_once(importer: Importer) -> None:
    run = importer.start()
    importer.later = HOUR
    assert ImportLease.claim(importer.session, run.business_id, run.id, importer.ports.settings.timings, importer.clock)
    now = datetime.now(UTC)
    assert cancel(importer.session, run.business_id, run.id, by="Mana", now=now).phase is Phase.CANCELLED


def test_a_refresh_of_tokens_is_taken_over(importer: Importer) -> None:
    session, vault = importer.session, Vault(importer.ports.settings.token_keys)
    held = token_refresh.read_grant(session, vault, session.scalars(select(Grant.id)).one())
    now, lease = database_time(session), importer.ports.settings.timings.token_lease
    assert token_refresh.acquire_lease(session, held, until=now + HOUR + lease, now=now + HOUR)
    assert token_refresh.acquire_lease(session, held, until=now + lease, now=now), "the first one asked for 30 s"
    assert token_refresh.acquire_lease(session, held, until=now + lease, now=now) is None


@pytest.mark.parametrize(
    ("since", "until", "over"),
    [
        (timedelta(0), timedelta(seconds=30), False),
        (timedelta(seconds=3), timedelta(seconds=33), False),
        (HOUR, HOUR + timedelta(seconds=30), True),
        (-timedelta(seconds=31), -timedelta(seconds=1), True),
        (None, timedelta(seconds=30), False),
        (None, None, True),
    ],
)
def test_a_pause_of_a_connection_ends_in_time(
    session: Session, business: Business, since: timedelta | None, until: timedelta | None, *, over: bool
) -> None:
    now, connection = database_time(session), factories.add_connection(session, business)
    ends = now + until if until is not None else None
    began = now + since if since is not None else None
    session.execute(update(Connection).values(paused_at=began, paused_until=ends))
    session.commit()
    condition = is_over(Connection.paused_at, Connection.paused_until, now)
    found = session.scalars(select(Connection.id).where(Connection.id == connection.id, condition)).all()
    assert bool(found) is over
    assert is_past(began, ends, now) is over
    assert load_connection_status(session, business.id).may_send(now) is over


@pytest.fixture
def limits(environment: dict[str, str], redis_url: str) -> Limits:
    with Redis.from_url(redis_url) as redis:
        redis.set("posxero:limits:app:known", 0)
    return Limits.connect(Settings.from_env({**environment, "POSXERO_REDIS_URL": redis_url}))


def server_time(redis: Redis) -> int:
    seconds, micros = redis.time()
    return int(seconds) * 1000 + int(micros) // 1000


def test_a_block_ends_in_time(limits: Limits, redis_url: str) -> None:
    limits.block(TENANT, "minute", timedelta(seconds=30))
    with pytest.raises(Limited), limits.slot(TENANT):
        pass
    with Redis.from_url(redis_url) as redis:
        ahead = server_time(redis) + 3_600_000
        redis.set(f"posxero:limits:{TENANT}:blocked", f"{ahead} minute", px=HOUR + timedelta(seconds=30))
    with limits.slot(TENANT):
        pass


@pytest.mark.parametrize("key", ["minute", "in_flight"])
def test_calls_that_were_counted_in_the_future_count_for_a_minute(limits: Limits, redis_url: str, key: str) -> None:
    with Redis.from_url(redis_url) as redis:
        ahead = server_time(redis) + 3_600_000
        redis.zadd(f"posxero:limits:{TENANT}:{key}", {str(number): ahead for number in range(55)})
        with pytest.raises(Limited) as caught, limits.slot(TENANT):
            pass
        assert caught.value.wait <= timedelta(minutes=1)
        latest = redis.zrange(f"posxero:limits:{TENANT}:{key}", -1, -1, withscores=True)[0][1]
        assert latest <= server_time(redis) + limits.call_seconds * 1000


def test_a_server_that_was_ahead_halves_the_budget_for_a_minute_only(limits: Limits, redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.set("posxero:limits:app:known", server_time(redis) + 3_600_000)
        with limits.slot(TENANT):
            pass
        assert int(redis.get("posxero:limits:app:known") or 0) <= server_time(redis)
