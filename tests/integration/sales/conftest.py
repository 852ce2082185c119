from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import factories, sales

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact


@pytest.fixture
def connection(session: Session, business: Business) -> Connection:
    """The shop's organisation."""
    return factories.add_connection(session, business)


@pytest.fixture
def ann(session: Session, business: Business, connection: Connection) -> Contact:
    """A linked customer of a shop that sells on account."""
    sales.add_sales_settings(session, business, connection)
    contact = factories.add_contact(session, business)
    factories.add_link(session, contact, connection)
    return contact
