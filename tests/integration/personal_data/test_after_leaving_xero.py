"""A shop that has left Xero can erase people of whom something was under way there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from posxero.services.accounts.security_log import Actor
from posxero.services.personal_data import erase as erasing
from posxero.services.personal_data.erase import CannotErase
from posxero.services.push import linking
from posxero.services.push.linking import CreationUnresolved
from posxero.services.sales import voiding
from posxero.services.xero_connection import connections
from tests.support import factories, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact

OLIVE = Actor("Olive")


@pytest.fixture
def connection(session: Session, business: Business) -> Connection:
    connection = factories.add_connection(session, business)
    sales.add_sales_settings(session, business, connection)
    return connection


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business)


def leave(session: Session, business: Business) -> None:
    connections.disconnect(session, business.id, by=OLIVE, now=now(), jobs=RecordingQueue())


def erase(session: Session, business: Business, contact: Contact) -> None:
    erasing.erase(session, business, contact.id, contact.name, by=OLIVE, now=now())
    session.refresh(contact)
    assert contact.erased_at is not None


@pytest.mark.parametrize("is_in_xero", [True, False])
def test_a_sale_is_in_the_way_until_it_is_voided(
    session: Session, business: Business, connection: Connection, ann: Contact, *, is_in_xero: bool
) -> None:
    factories.add_link(session, ann, connection)
    sale = sales.charge(session, business, ann)
    if is_in_xero:
        sale.xero_id, sale.sent_revision = uuid4(), sale.owed_revision
    else:
        sale.creation_key, sale.creation_body = "key", {"revision": 1}
    session.commit()
    leave(session, business)
    if not is_in_xero:
        with pytest.raises(CannotErase):
            erase(session, business, ann)
        session.rollback()
    voiding.void(session, business.id, sale.id, by="Mia", now=now(), jobs=RecordingQueue())
    erase(session, business, ann)


def test_a_creation_that_xero_never_answered_is_not(
    session: Session, business: Business, connection: Connection, ann: Contact
) -> None:
    factories.add_link(session, ann, connection, xero_id=None, creation_key="key")
    leave(session, business)
    with pytest.raises(CreationUnresolved):
        linking.unlink(session, business.id, ann.id, by="Mia", now=now())
    session.rollback()
    erase(session, business, ann)
