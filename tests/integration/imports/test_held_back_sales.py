"""After another organisation was connected, sales wait until customers were matched with its contacts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.enums import Phase
from posxero.services.push import engine
from posxero.services.sales import states
from posxero.services.xero_connection import connections
from tests.support import factories, sales

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.contact import Contact
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

EMAIL = "ann@x.example"


@pytest.fixture
def xero(open_xero: Callable[[int], PracticeServer]) -> PracticeServer:
    """Practice Xero without contacts."""
    return open_xero(0)


@pytest.fixture
def moved(importer: Importer) -> Importer:
    """A shop whose customer Olga is linked to the organisation that it was connected to before."""
    connection = connections.current(importer.session, importer.business.id)
    assert connection is not None
    sales.add_sales_settings(importer.session, importer.business, connection)
    link = factories.add_link(importer.session, importer.add(name="Olga Old"), connection)
    with writing(importer.session):
        link.tenant_id = uuid4()
    return importer


def charge(shop: Importer, contact: Contact) -> UUID:
    return sales.charge(shop.session, shop.business, contact).id


def sale_of(shop: Importer, sale_id: UUID) -> Sale:
    shop.session.commit()
    return shop.session.get_one(Sale, (shop.business.id, sale_id), populate_existing=True)


def test_a_sale_waits_for_the_import_and_then_goes_to_the_contact_that_was_there(
    moved: Importer, xero: PracticeServer
) -> None:
    there = xero.add(Name="Ann Smith", EmailAddress=EMAIL, IsCustomer=True)["ContactID"]
    ann, ben = moved.add(name="Ann Smith", email=EMAIL), moved.add(name="Ben Bishop")
    of_ann, of_ben = charge(moved, ann), charge(moved, ben)
    xero.clear_calls()
    engine.push(moved.session, moved.business.id, moved.ports)
    assert xero.calls("/api.xro") == []
    assert states.load_obstacle(moved.session, sale_of(moved, of_ann)).startswith("Import from Xero first")
    assert moved.finish(moved.start()).phase is Phase.FINISHED
    engine.push(moved.session, moved.business.id, moved.ports)
    assert sorted(held["Name"] for held in xero.contacts()) == ["Ann Smith", "Ben Bishop"]
    for sale_id in (of_ann, of_ben):
        assert sale_of(moved, sale_id).xero_id is not None
        assert states.load_obstacle(moved.session, sale_of(moved, sale_id)) == ""
    (link,) = moved.session.scalars(select(Link).where(Link.contact_id == ann.id))
    assert str(link.xero_id) == there


def test_later_imports_add_nobody_whose_link_was_taken_away(moved: Importer, xero: PracticeServer) -> None:
    assert moved.finish(moved.start()).phase is Phase.FINISHED
    ann = moved.add(name="Ann Smith")
    sale_id = charge(moved, ann)
    with writing(moved.session):
        moved.session.delete(moved.session.scalars(select(Link).where(Link.contact_id == ann.id)).one())
    assert moved.finish(moved.start()).phase is Phase.FINISHED
    engine.push(moved.session, moved.business.id, moved.ports)
    assert xero.contacts() == []
    assert states.load_obstacle(moved.session, sale_of(moved, sale_id)) == states.UNLINKED


def when_locked_out(watching: Session, other: Future[Any]) -> None:
    """Wait until another session waits for a lock, or is done without."""
    waits = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    while not other.done() and not watching.scalar(waits):
        watching.rollback()
    watching.rollback()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")
def test_a_sale_that_is_charged_while_the_import_ends_gets_its_customer(
    moved: Importer, make_session: Callable[[], Session]
) -> None:
    ann, till = moved.add(name="Ann Smith"), make_session()
    is_charged, may_commit = Event(), Event()

    def wait(_: Session) -> None:
        is_charged.set()
        assert may_commit.wait(30)

    with ThreadPoolExecutor(2) as pool:
        run = moved.start()
        event.listen(till, "before_commit", wait)
        sale = pool.submit(lambda: sales.charge(till, moved.business, ann).id)
        assert is_charged.wait(30)
        ended = pool.submit(moved.finish, run)
        when_locked_out(make_session(), ended)
        may_commit.set()
        assert ended.result(30).phase is Phase.FINISHED
        sale_id = sale.result(30)
    assert states.load_obstacle(moved.session, sale_of(moved, sale_id)) == ""


@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")
def test_a_sale_that_waits_for_the_imports_end_links_its_customer_itself(
    moved: Importer, make_session: Callable[[], Session]
) -> None:
    ann, till, run = moved.add(name="Ann Smith"), make_session(), moved.start()
    with ThreadPoolExecutor(1) as pool:
        with writing(moved.session):
            connections.lock_matching(moved.session, moved.business.id, run.tenant_id)
            run.phase, run.finished_at = Phase.FINISHED, moved.clock()
            moved.session.flush()
            sale = pool.submit(lambda: sales.charge(till, moved.business, ann).id)
            when_locked_out(make_session(), sale)
        sale_id = sale.result(30)
    assert states.load_obstacle(moved.session, sale_of(moved, sale_id)) == ""
