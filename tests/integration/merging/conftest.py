from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import factories, sales

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact


@pytest.fixture
def connection(session: Session, business: Business) -> Connection:
    """The organisation of a shop that sells on account."""
    connection = factories.add_connection(session, business)
    sales.add_sales_settings(session, business, connection)
    return connection


@pytest.fixture
def ana(session: Session, business: Business, connection: Connection) -> Contact:
    """The customer that stays: linked, with an email and an address."""
    details: dict[str, Any] = {"email": "ana@x.example", "street_line1": "1 High St", "street_city": "Napier"}
    contact = factories.add_contact(session, business, "Ana Reid", **details)
    factories.add_link(session, contact, connection)
    return contact


@pytest.fixture
def twin(session: Session, business: Business, connection: Connection) -> Contact:
    """The same person once more: linked, with a phone, another address and a code."""
    details: dict[str, Any] = {
        "email": "ana@work.example",
        "mobile": "021 555 0002",
        "street_line1": "2 Low Rd",
        "customer_code": "A-7",
    }
    contact = factories.add_contact(session, business, "Anna Read", **details)
    factories.add_link(session, contact, connection)
    return contact


@pytest.fixture
def third(session: Session, business: Business, connection: Connection) -> Contact:
    """The same person a third time: linked."""
    contact = factories.add_contact(session, business, "A. Reid")
    factories.add_link(session, contact, connection)
    return contact
