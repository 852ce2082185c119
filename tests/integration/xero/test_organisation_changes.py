"""An organisation that is renamed, gets another short code, or is Xero's Demo Company that starts over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from posxero.db.activity import Activity
from posxero.domain.enums import ActivityKind, ConnectionState
from posxero.services.sales import organisation
from posxero.services.xero_connection import connections
from tests.support import consenting, factories
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact
    from posxero.ports import Ports
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer

DEMO = "Demo Company (NZ)"


def linked_customer(session: Session, business: Business, connection: Connection) -> Contact:
    contact = factories.add_contact(session, business, "Ann Smith", at=now())
    factories.add_link(session, contact, connection, at=now())
    return contact


def test_a_new_name_and_short_code_are_followed_and_told_once(
    olive: Browser, practice: PracticeServer, session: Session, business: Business, connection: Connection, ports: Ports
) -> None:
    ann = linked_customer(session, business, connection)
    practice.change_settings(name="Kiwi Outdoors Ltd", short_code="!NeW01")
    for days in (1, 2):
        organisation.read(session, business.id, ports, now=now() + timedelta(days=days))
    session.expire_all()
    assert (connection.name, connection.short_code) == ("Kiwi Outdoors Ltd", "!NeW01")
    assert "/app/!NeW01/contacts/contact/" in olive.get(f"/customers/{ann.id}").text
    page = olive.get("/sync?state=done&kind=connection").text
    assert page.count("Organisation renamed in Xero") == 1
    assert "Kiwi Outfitters Ltd is now called Kiwi Outdoors Ltd." in page


def test_what_xero_leaves_out_stays(
    olive: Browser, practice: PracticeServer, session: Session, business: Business, connection: Connection, ports: Ports
) -> None:
    practice.fault("503")
    organisation.read(session, business.id, ports, now=now())
    session.expire_all()
    assert (connection.name, connection.short_code) == ("Kiwi Outfitters Ltd", "!Kw1Ot")
    renamed = select(func.count()).where(Activity.kind == ActivityKind.ORGANISATION_RENAMED)
    assert session.scalar(renamed) == 0
    assert "Organisation renamed" not in olive.get("/sync?state=done").text


def test_a_demo_company_that_was_started_over_is_told_with_the_way_forward(
    olive: Browser, practice: PracticeServer, session: Session, business: Business, connection: Connection, ports: Ports
) -> None:
    first, second = practice.organisations
    linked_customer(session, business, connection)
    for tenant in (first.tenant_id, second.tenant_id):
        practice.change_settings(tenant, name=DEMO)
    organisation.read(session, business.id, ports, now=now())
    assert "about every 28 days" not in olive.get("/settings/xero").text
    practice.fault("disconnect")
    organisation.read(session, business.id, ports, now=now())
    session.expire_all()
    assert connection.state is ConnectionState.LOST
    assert f"Xero resets its {DEMO} about every 28 days" in olive.get("/settings/xero").text
    path = consenting.connect(olive, practice, second.tenant_id).headers["Location"]
    asked = olive.get(path).text
    assert "is a new organisation of the same name" in asked
    assert f"Yes, connect the new {DEMO}" in asked
    answer = olive.submit(path, {"tenant": second.tenant_id, "sure": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/imports/new")
    session.commit()
    current = connections.current(session, business.id)
    assert current is not None
    assert str(current.tenant_id) == second.tenant_id
