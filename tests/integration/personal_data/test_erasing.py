"""Erasing a person: nothing of it is left anywhere, what has to stay stays, and nothing brings it back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from posxero.db.activity import Activity
from posxero.db.base import database_time
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.models import Base
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind
from posxero.domain.kinds import ContactKind
from posxero.services.accounts.security_log import Actor
from posxero.services.contacts import contacts, drafts
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.errors import Erased
from posxero.services.personal_data import erase as erasing
from posxero.services.personal_data.erase import CannotErase, NotConfirmed
from tests.support import factories, planting, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection

OLIVE = Actor("Olive")


@pytest.fixture
def connection(session: Session, business: Business) -> Connection:
    return factories.add_connection(session, business)


@pytest.fixture
def ann(session: Session, business: Business, connection: Connection) -> Contact:
    sales.add_sales_settings(session, business, connection)
    contact = factories.add_contact(session, business, email="ann@x.example")
    factories.add_link(session, contact, connection)
    return contact


def erase(session: Session, business: Business, contact: Contact, name: str = "") -> None:
    erasing.erase(session, business, contact.id, name or contact.name, by=OLIVE, now=now())
    session.expire_all()


def test_nothing_of_the_person_is_left_in_any_column(
    session: Session, business: Business, owner: User, connection: Connection
) -> None:
    contact, tables = planting.plant_everywhere(session, business, owner, connection)
    unknown = set(Base.metadata.tables) - tables - set(planting.WITHOUT_PERSONS)
    assert unknown == set(), "Say in tests/support/planting.py what erasing a person does to these tables"
    planted = {f"{name}.{c.name}" for name in tables for c in planting.planted_columns(Base.metadata.tables[name])}
    assert planted - set(planting.find_traces(session)) == set()
    contact.name = planting.NAME  # planting put more into it
    session.commit()
    erase(session, business, contact)
    assert planting.find_traces(session) == []


def test_the_row_its_sales_and_who_did_what_stay(session: Session, business: Business, ann: Contact) -> None:
    sale = sales.charge(session, business, ann, reference="For Ann Smith")
    sale.xero_id, sale.sent_revision, sale.lines[0].description = uuid4(), 1, "Socks for ANN SMITH, blue"
    session.execute(update(Link).values(sent_revision=ann.revision))
    session.commit()
    erase(session, business, ann)
    stays = session.get_one(Contact, (business.id, ann.id))
    assert (stays.name, stays.email, stays.is_customer, stays.is_supplier) == ("Erased customer", "", False, False)
    assert (stays.erased_by, stays.search_text, stays.email_key) == ("Olive", "", "")
    kept = session.scalars(select(Sale)).one()
    assert (kept.contact_id, kept.reference, str(kept.total), kept.number) == (ann.id, "", "34.00", "POS-0001")
    session.refresh(kept, ["lines"])
    assert kept.lines[0].description == "Socks for [erased], blue"
    entries = session.scalars(select(Activity).where(Activity.contact_id == ann.id).order_by(Activity.id)).all()
    assert [(entry.kind, entry.actor, entry.note) for entry in entries] == [
        (ActivityKind.SOLD, "Sam", ""),
        (ActivityKind.ERASED, "Olive", ""),
    ]


def test_its_contact_in_xero_is_left_out_of_imports_without_its_name(
    session: Session, business: Business, ann: Contact
) -> None:
    xero_id = session.scalars(select(Link.xero_id)).one()
    erase(session, business, ann)
    excluded = session.scalars(select(ExcludedContact)).one()
    assert (excluded.xero_id, excluded.name, excluded.is_erased) == (xero_id, "Erased customer", True)
    assert session.scalars(select(Link)).all() == []


def test_another_name_than_the_contacts_erases_nothing(session: Session, business: Business, ann: Contact) -> None:
    with pytest.raises(NotConfirmed):
        erase(session, business, ann, "Bo")
    assert ann.erased_at is None
    erase(session, business, ann, " ann  SMITH")
    assert ann.erased_at is not None


def test_a_sale_that_is_not_in_xero_yet_is_settled_first(session: Session, business: Business, ann: Contact) -> None:
    sale = sales.charge(session, business, ann)
    with pytest.raises(CannotErase, match="1 sale isn't up to date in Xero yet") as refusal:
        erase(session, business, ann)
    assert refusal.value.blockers[0].sales == [(sale.id, "POS-0001")]
    assert ann.erased_at is None


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"lease_token": uuid4()}, "being sent"), ({"xero_id": None, "creation_key": "k"}, "may be adding")],
)
def test_a_request_that_is_on_its_way_is_waited_for(
    session: Session, business: Business, ann: Contact, columns: dict[str, Any], words: str
) -> None:
    link = session.scalars(select(Link)).one()
    at = database_time(session)
    for name, value in columns.items():
        setattr(link, name, value)
    link.leased_at, link.lease_until = at, at + timedelta(minutes=1)
    session.commit()
    with pytest.raises(CannotErase, match=words):
        erase(session, business, ann)


def test_a_form_that_was_open_meanwhile_saves_nothing(
    session: Session, business: Business, owner: User, ann: Contact
) -> None:
    erase(session, business, ann)
    form = ContactSubmission(values={"name": "Ann Smith"}, seen=1)
    with pytest.raises(Erased):
        contacts.save(session, business, ann.id, form, by="Sam", now=now(), jobs=RecordingQueue())
    sent = drafts.SentForm(
        kind=ContactKind.CUSTOMER, contact_id=ann.id, fields={"name": "Ann Smith"}, version=1, idempotency_key="k"
    )
    with pytest.raises(Erased):
        drafts.save_draft(session, business.id, owner.id, sent, now=now())
    assert session.scalars(select(Draft)).all() == []
    with pytest.raises(Erased):
        erase(session, business, ann, "Erased customer")
