"""Businesses full of linked customers, as imports would leave them, written without their pages."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, literal, select, text

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.domain.enums import LinkState
from posxero.services.contacts.search.keys import search_columns
from posxero.xero.contact_reading import read_copy
from posxero.xero.decoding import decode
from posxero.xero.shapes import Contacts
from scripts.bench.stand_in import pages
from tests.support import factories, people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

    from posxero.db.connection import Connection
    from scripts.bench.shops import Shop

CHUNK = 5000  # rows a statement


def fill(shop: Shop, contacts: int, businesses: int) -> Connection:
    """Fill the shop, and as many others of the same database with the same rows; commits."""
    connection = factories.add_connection(shop.session, shop.business)
    rows = _rows(shop, connection, contacts)
    while chunk := list(islice(rows, CHUNK)):
        shop.session.execute(insert(Contact), [contact for contact, _ in chunk])
        shop.session.execute(insert(Link), [link for _, link in chunk])
    shop.session.commit()
    for number in range(1, businesses):
        other = people.open_shop(shop.session, f"Shop {number}")
        for table in (Contact.__table__, Link.__table__):
            _copy(shop, table, other.id)  # type: ignore[arg-type]  # a Table, which SQLAlchemy types wider
        shop.session.commit()
    _settle(shop)
    return connection


def _rows(shop: Shop, connection: Connection, contacts: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    now = datetime.now(UTC)
    for body in pages(contacts):
        for contact in decode(body, Contacts).contacts or ():
            copy = read_copy(contact)
            ids = {"business_id": shop.business.id, "id": new_id()}
            values = copy.values | search_columns(copy.values, shop.business.country)
            link = {"contact_id": ids["id"], "tenant_id": connection.tenant_id, "xero_id": contact.contact_id}
            sent = {"copy": copy.to_json(), "sent_revision": 1, "owed_revision": 1, "state": LinkState.ACTIVE}
            yield {**ids, **values, "created_at": now, "updated_at": now}, {**ids, **link, **sent, "linked_at": now}


def _copy(shop: Shop, table: Table, business_id: Any) -> None:
    """Copy the rows to another business: a primary key begins with the business."""
    taken = [literal(business_id, column.type) if column.name == "business_id" else column for column in table.c]
    rows = select(*taken).where(table.c.business_id == shop.business.id)
    shop.session.execute(table.insert().from_select([column.name for column in table.c], rows, include_defaults=False))


def _settle(shop: Shop) -> None:
    """Run VACUUM and ANALYZE, as autovacuum would in time."""
    if shop.kind == "postgresql":
        with shop.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
