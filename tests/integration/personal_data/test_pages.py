"""The pages that hand out a person's data and erase it."""

from __future__ import annotations

import csv
import io
import zipfile
from html import unescape
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.db.security import SecurityEvent
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.security_events import SecurityEventKind
from posxero.services import activity
from posxero.services.sync_status.connection_status import NO_TENANT
from tests.support import factories, sales
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture
def connection(session: Session, business: Business) -> Connection:
    return factories.add_connection(session, business)


@pytest.fixture
def ann(session: Session, business: Business, connection: Connection) -> Contact:
    """Ann, linked, with a change and a sale that Xero has."""
    sales.add_sales_settings(session, business, connection)
    contact = factories.add_contact(session, business, email="ann@x.example", notes="=1+1")
    link = factories.add_link(session, contact, connection)
    activity.record(session, contact, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes={"phone": ("", "021")})
    session.commit()
    sale = sales.charge(session, business, contact, reference="Her order")
    sale.xero_id, sale.sent_revision, link.sent_revision = uuid4(), 1, contact.revision
    link.owed_revision = contact.revision
    session.commit()
    return contact


def tables_of(content: bytes) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def test_everything_kept_is_one_file(session: Session, bookkeeper: User, sign_in: SignIn, ann: Contact) -> None:
    browser = sign_in(bookkeeper)
    assert "Download everything kept" in browser.get(f"/customers/{ann.id}").text
    answer = browser.get(f"/customers/{ann.id}/personal-data.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    tables = tables_of(answer.data)
    assert ["Email", "ann@x.example", "", ""] in tables["Details.csv"]
    assert ["Notes", "'=1+1", "", ""] in tables["Details.csv"]
    assert any(row[4:] == ["Email", "ann@x.example"] for row in tables["In Xero.csv"])
    assert any(row[4:7] == ["Phone", "", "021"] for row in tables["History.csv"])
    assert [row[0] for row in tables["Sales.csv"][1:]] == ["POS-0001"]
    assert {"Drafts.csv", "Imports.csv", "Notes for Xero.csv"} <= set(tables)
    event = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == SecurityEventKind.EXPORTED)).one()
    assert "Ann" not in event.subject


def test_a_row_of_a_file_is_named_by_its_number(
    session: Session, business: Business, bookkeeper: User, sign_in: SignIn, ann: Contact
) -> None:
    run = factories.new_import(business, tenant_id=NO_TENANT, organisation="customers.csv", file_id=uuid4())
    factories.store(session, run)
    factories.store(session, factories.new_import_row(run, xero_id=UUID(int=7), contact_id=ann.id))
    tables = tables_of(sign_in(bookkeeper).get(f"/customers/{ann.id}/personal-data.zip").data)
    assert [[row[0], *row[2:4]] for row in tables["Imports.csv"][1:]] == [["customers.csv", "Row 7", "Added"]]


def test_the_question_says_what_goes_and_what_stays(manager: User, sign_in: SignIn, ann: Contact) -> None:
    browser = sign_in(manager)
    assert f'href="/customers/{ann.id}/erase"' in browser.get(f"/customers/{ann.id}").text
    page = browser.get(f"/customers/{ann.id}/erase").text
    for words in ("This can&#39;t be undone", "1 sale, without the name", "still owes", "stay in Xero", "View on Xero"):
        assert words in page.replace("can't", "can&#39;t"), words


def test_of_somebody_without_sales_or_link_nothing_is_said_of_either(
    session: Session, business: Business, manager: User, sign_in: SignIn
) -> None:
    rag = factories.add_contact(session, business, "Rag Ged", is_customer=False, is_supplier=True)
    tablet = sign_in(manager)
    page = unescape(tablet.get(f"/suppliers/{rag.id}/erase").text)
    assert "0 sales" not in page
    assert "The contact and its invoices" not in page
    assert "Rag Ged isn't linked to Xero, where nothing changes." in page
    tablet.submit(f"/suppliers/{rag.id}/erase", {"name": "Rag Ged"})
    assert "Suppliers</a>" in tablet.get(f"/suppliers/{rag.id}").text


def test_a_person_is_erased_by_typing_its_name(session: Session, manager: User, sign_in: SignIn, ann: Contact) -> None:
    browser = sign_in(manager)
    address = f"/customers/{ann.id}/erase"
    refused = browser.submit(address, {"name": "Anna"})
    assert refused.status_code == 422
    assert 'value="Anna"' in refused.text
    assert browser.submit(address, {"name": "Ann Smith"}).status_code == 303
    page = browser.get(f"/customers/{ann.id}").text
    assert "Erased customer" in page
    assert "erased the details" in page
    assert "Ann Smith" not in page
    for path in ("/customers", "/customers?sync=archived", "/customers?q=erased", "/suppliers"):
        assert f"/customers/{ann.id}" not in browser.get(path).text
    assert "Erased customer" in browser.get("/sales").text
    assert "Restore this version" not in browser.get(f"/customers/{ann.id}/history").text
    for gone in ("edit", "link", "erase"):
        assert browser.get(f"/customers/{ann.id}/{gone}").status_code == 410
    late = browser.submit(f"/customers/{ann.id}/edit", {"version": "1", "name": "Ann Smith"})
    assert late.status_code == 410
    event = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == SecurityEventKind.ERASED)).one()
    assert (event.subject, event.actor) == ("Erased customer", manager.name)


def test_a_waiting_sale_is_named_and_nothing_can_be_pressed(
    session: Session, business: Business, manager: User, sign_in: SignIn, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    page = sign_in(manager).get(f"/customers/{ann.id}/erase").text
    assert f'<a href="/sales/{sale.id}">{sale.number}</a>' in page
    assert "Erase for good" not in page


def test_a_contact_that_was_erased_in_xero_may_be_erased_here_too(
    session: Session, manager: User, sign_in: SignIn, ann: Contact
) -> None:
    link = session.scalars(select(Link)).one()
    link.state, link.reason = LinkState.ERASED, "It was erased in Xero."
    session.commit()
    assert "Erase the details here too" in sign_in(manager).get(f"/customers/{ann.id}").text


def test_staff_cannot_erase_and_managers_cannot_download(
    manager: User, staff: User, sign_in: SignIn, ann: Contact
) -> None:
    assert sign_in(staff).get(f"/customers/{ann.id}/erase").status_code == 403
    assert sign_in(manager).get(f"/customers/{ann.id}/personal-data.zip").status_code == 403
