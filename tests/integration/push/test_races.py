"""Several workers, one business: no debt is sent by two at once, and no late pusher has the last word."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.enums import SyncState
from posxero.services.push import engine

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2
    from sqlalchemy.orm import Session

    from posxero.services.push.claims import Claim
    from tests.support.pushing import Shop
    from tests.support.transports import Send

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer whose email was just changed."""
    return shop.edit(shop.customer("Ann Smith"), email="one@shop.example")


def take(shop: Shop, session: Session) -> Claim:
    claimed = engine.claim_next(session, shop.business.id, shop.ports)
    assert claimed is not None
    return claimed


def run_out(shop: Shop) -> None:
    """Let every lease run out."""
    shop.session.execute(update(Link).values(lease_until=LONG_AGO))
    shop.session.commit()


def test_a_debt_that_one_worker_has_is_not_given_to_another(
    shop: Shop, ann: Contact, make_session: Callable[[], Session]
) -> None:
    first, second = make_session(), make_session()
    claimed = take(shop, first)
    assert engine.claim_next(second, shop.business.id, shop.ports) is None
    assert engine.deliver(first, claimed, shop.ports)
    assert shop.held(ann)["EmailAddress"] == "one@shop.example"


def test_workers_that_claim_at_once_share_the_debts_out(shop: Shop, make_session: Callable[[], Session]) -> None:
    customers = shop.customers([f"Customer {n}" for n in range(120)])
    with writing(shop.session):
        of_these = Link.contact_id.in_([customer.id for customer in customers])
        shop.session.execute(update(Link).where(of_these).values(owed_revision=2))
    sessions = [make_session() for _ in range(4)]
    together = threading.Barrier(4)
    claims: list[Claim] = []

    def work(session: Session) -> None:
        together.wait()
        while (claimed := engine.claim_next(session, shop.business.id, shop.ports)) is not None:
            claims.append(claimed)

    threads = [threading.Thread(target=work, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [debt.id for claimed in claims for debt in claimed.items]
    assert len(taken) == len(set(taken)) == 120
    assert max(len(claimed.items) for claimed in claims) <= 50


def test_a_debt_taken_over_is_looked_at_before_it_is_sent(
    shop: Shop, ann: Contact, make_session: Callable[[], Session]
) -> None:
    take(shop, make_session())
    run_out(shop)
    shop.push()
    assert [call["method"] for call in shop.xero.calls("/api.xro")] == ["GET", "POST"]
    assert shop.held(ann)["EmailAddress"] == "one@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_worker_killed_after_xero_took_it_leaves_nothing_to_send(
    shop: Shop, ann: Contact, make_session: Callable[[], Session]
) -> None:
    claimed = take(shop, make_session())
    engine.deliver(make_session(), claimed, shop.ports)
    shop.session.execute(
        update(Link).values(sent_revision=1, lease_token=claimed.token, lease_until=LONG_AGO, sent_at=None)
    )
    shop.session.commit()
    shop.push()
    assert shop.posts() == 1
    assert shop.badge(ann).state is SyncState.SYNCED


def test_a_pusher_that_comes_late_does_not_have_the_last_word(
    shop: Shop, ann: Contact, make_session: Callable[[], Session]
) -> None:
    stopped = make_session()
    late = take(shop, stopped)
    run_out(shop)
    shop.edit(ann, email="two@shop.example")
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "two@shop.example"
    engine.deliver(stopped, late, shop.ports)
    assert shop.held(ann)["EmailAddress"] == "one@shop.example"
    assert shop.badge(ann).state is not SyncState.SYNCED
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "two@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED


def test_nothing_is_sent_when_too_little_of_the_lease_is_left(
    shop: Shop, ann: Contact, make_session: Callable[[], Session]
) -> None:
    stopped = make_session()
    late = replace(take(shop, stopped), send_until=0.0)
    assert not engine.deliver(stopped, late, shop.ports)
    assert shop.xero.calls("/api.xro") == []
    assert shop.link(ann).lease_token is None
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "one@shop.example"


def test_a_lease_ends_after_the_longest_call(shop: Shop, ann: Contact, make_session: Callable[[], Session]) -> None:
    claimed = take(shop, make_session())
    until = shop.link(ann).lease_until
    assert until is not None
    assert until > datetime.now(UTC) + timedelta(seconds=50)
    assert claimed.may_call


def test_an_error_of_ours_is_recorded_with_a_reference_and_not_repeated_for_ever(shop: Shop, ann: Contact) -> None:
    def fail(_request: httpx2.Request, _send: Send) -> httpx2.Response:
        raise RuntimeError("a defect")

    with shop.intercepting(fail):
        for _ in range(8):
            with pytest.raises(RuntimeError, match="a defect"):
                shop.push()
            shop.wait_over()
        shop.push()
    assert shop.badge(ann).state is SyncState.FAILED
    assert "give support this reference" in shop.link(ann).reason
    assert shop.session.scalar(select(Contact.revision)) == 2
