"""Adding a customer whose name is nearly known, or whom only Xero has."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome
from posxero.services.accounts.security_log import Actor
from posxero.services.contacts.duplicates import near
from posxero.services.sync_status.connection_status import NO_TENANT
from posxero.services.xero_connection import connections
from tests.support import factories, merges
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({"name": "ANA REID"}, "name"),
        ({"name": "Reid, Anna"}, "similar name"),
        ({"name": "Ana Read", "street_city": "napier"}, "similar name"),
        ({"name": "Ana Reid", "street_city": "Nelson"}, ""),
        ({"name": "Dan Reid"}, ""),
        ({"name": ""}, ""),
    ],
)
def test_whoever_has_nearly_the_name_is_found(
    session: Session, business: Business, typed: dict[str, str], same: str
) -> None:
    factories.add_contact(session, business, "Ana Reid", street_city="Napier")
    assert [known.same for known in near.find(session, business, typed)] == ([(same,)] if same else [])


def leave_out(session: Session, business: Business, connection: Connection, name: str, email: str) -> ImportRow:
    """Leave a contact of Xero out of the newest import."""
    run = factories.new_import(business, tenant_id=connection.tenant_id)
    row = factories.new_import_row(run, name, email, outcome=Outcome.SKIPPED)
    session.add(run)
    session.flush()
    factories.store(session, row)
    return row


def test_adding_somebody_with_a_similar_name_is_asked_first(
    session: Session, business: Business, sign_in: SignIn, staff: User
) -> None:
    factories.add_contact(session, business, "Ana Reid")
    browser = sign_in(staff)
    asked = browser.submit("/customers/new", {"name": "Anna Reid"})
    assert asked.status_code == 422
    assert "Is this Ana Reid?" in asked.text
    assert "Ana Reid has a similar name." in asked.text
    assert "Is this Ana Reid?" in browser.part("/customers/new/known?name=Anna+Reid", "div#known").text
    saved = browser.submit("/customers/new", {"name": "Anna Reid", "confirm_duplicate": "1"})
    assert saved.status_code == 303


def test_somebody_whom_only_xero_has_is_added_and_linked_at_once(
    session: Session, business: Business, connection: Connection, sign_in: SignIn, manager: User, staff: User
) -> None:
    row = leave_out(session, business, connection, "Ana Reid", "ana@x.example")
    typed = {"name": "A. Reid", "email": "Ana@x.example"}
    asked = sign_in(staff).submit("/customers/new", typed)
    assert "Xero has a contact Ana Reid that nobody here is linked to. Save, and ask an owner" in asked.text
    browser = sign_in(manager)
    asked = browser.submit("/customers/new", typed)
    assert "Xero may have this one" in asked.text
    assert "Save and link to Ana Reid in Xero" in asked.text
    browser.submit("/customers/new", typed | {"link_to": str(row.xero_id)})
    contact = session.scalars(select(Contact)).one()
    link = session.scalars(select(Link)).one()
    assert (link.contact_id, link.xero_id) == (contact.id, row.xero_id)
    assert near.find_in_xero(session, business, typed) == []


def test_a_row_of_a_file_and_a_contact_of_another_organisation_are_no_contacts_of_this_one(
    session: Session, business: Business, connection: Connection
) -> None:
    leave_out(session, business, connection, "Ana Reid", "ana@x.example")
    assert [one.name for one in near.find_in_xero(session, business, {"name": "Ana Reid"})] == ["Ana Reid"]
    run = leave_out(session, business, connection, "Dan Reid", "dan@x.example")
    of_a_file = {"tenant_id": NO_TENANT, "file_id": uuid4(), "started_at": now()}
    session.execute(update(Import).where(Import.id == run.import_id).values(of_a_file))
    session.commit()
    assert near.find_in_xero(session, business, {"name": "Dan Reid"}) == []
    assert [one.name for one in near.find_in_xero(session, business, {"name": "Ana Reid"})] == ["Ana Reid"]
    connections.disconnect(session, business.id, by=Actor(name="Mia"), now=now(), jobs=RecordingQueue())
    assert near.find_in_xero(session, business, {"name": "Ana Reid"}) == [], "nobody is connected"


def test_the_merged_are_not_asked_about(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    merges.merge_into(session, business, ana, twin)
    found = near.find(session, business, {"name": "Anna Read"})
    assert [known.id for known in found] == [ana.id]
