"""Disconnecting with much that is owed: no request goes out any more, and only the same organisation gets it later."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from posxero.db.base import database_time
from posxero.db.connection import Grant
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.enums import Phase
from posxero.services.accounts.security_log import Actor
from posxero.services.imports import run as imports
from posxero.services.imports import start
from posxero.services.owed import OWED
from posxero.services.xero_connection import connections, grant_upkeep
from posxero.services.xero_connection.tenants import Tenant
from tests.support import factories
from tests.support.times import now

if TYPE_CHECKING:
    from tests.support.pushing import Shop

OLIVE = Actor(name="Olive")
DEBTS = 100


def connect(shop: Shop, number: int) -> None:
    """Connect one of Practice Xero's organisations."""
    found = shop.xero.organisations[number]
    grant = factories.add_grant(shop.session, shop.business, shop.xero, shop.ports.vault)
    tenant = Tenant(UUID(found.tenant_id), "1", found.name, found.short_code)
    connections.connect(shop.session, shop.business, tenant, grant_id=grant.id, by=OLIVE, now=now())


def still_owed(shop: Shop) -> int:
    shop.session.commit()
    return shop.session.scalar(select(func.count()).select_from(Link).where(OWED)) or 0


def test_after_disconnecting_nothing_is_asked_and_only_the_same_organisation_gets_what_is_owed(shop: Shop) -> None:
    names = [f"Customer {number}" for number in range(DEBTS)]
    held = [UUID(shop.xero.add(Name=name)["ContactID"]) for name in names]
    contacts = [factories.new_contact(shop.business, name, email="new@x.example") for name in names]
    factories.store(shop.session, *contacts)
    links = [
        factories.new_link(contact, shop.connection, xero_id=xero_id, copy={}, sent_revision=0)
        for contact, xero_id in zip(contacts, held, strict=True)
    ]
    factories.store(shop.session, *links)
    with writing(shop.session):
        shop.session.execute(Link.__table__.update().values(owed_at=now(), copied_at=now()))  # type: ignore[attr-defined]
    run = start.start(shop.session, shop.jobs, shop.business.id, with_suppliers=False, by=OLIVE, now=now())
    grant_id = shop.connection.grant_id
    assert grant_id is not None
    shop.xero.fault("drop_before", count=50)
    shop.xero.fault("drop_before", count=50, path="/connections")
    connections.disconnect(shop.session, shop.business.id, by=OLIVE, now=now(), jobs=shop.jobs)
    grant_upkeep.keep_alive(shop.session, grant_id, shop.ports, now=database_time(shop.session))
    assert shop.session.scalars(select(Grant.id)).all() == []
    shop.xero.clear_calls()
    for _ in range(2):
        shop.push()
        imports.run_slice(shop.session, shop.business.id, run.id, ports=shop.ports, jobs=shop.jobs, clock=now)
    assert (shop.xero.calls(), still_owed(shop)) == ([], DEBTS)
    assert run.phase is Phase.READING
    shop.xero.fault("clear")
    connect(shop, 1)
    shop.xero.clear_calls()
    shop.push()
    assert (shop.posts(), still_owed(shop)) == (0, DEBTS)
    connect(shop, 0)
    shop.push()
    assert (shop.posts(), still_owed(shop)) == (DEBTS // 50, 0)
    assert {held["EmailAddress"] for held in shop.xero.contacts()} == {"new@x.example"}
