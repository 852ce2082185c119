"""Saving: what is written, what Xero is owed, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.kinds import ContactKind
from posxero.services.contacts import archive, contacts, creation
from posxero.services.contacts.conflicts import Conflict, Keep
from posxero.services.contacts.rules import DuplicateContact, InvalidContact
from posxero.services.contacts.submissions import ContactSubmission, SaveResult
from posxero.services.errors import NotFound
from tests.support import factories
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def heard() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def save(session: Session, business: Business, heard: RecordingQueue) -> Callable[..., SaveResult]:
    """Save values over a contact as Sam, with the version that is saved unless another was `seen`."""

    def act(contact: Contact, *, seen: int | None = None, confirmed: bool = False, **values: str) -> SaveResult:
        form = ContactSubmission(values=values, seen=contact.version if seen is None else seen, confirmed=confirmed)
        return contacts.save(session, business, contact.id, form, by="Sam", now=NOW, jobs=heard)

    return act


def last(session: Session) -> Activity:
    found = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
    session.refresh(found)
    return found


def test_a_mapped_field_raises_version_and_debt(
    session: Session, business: Business, save: Callable[..., SaveResult], heard: RecordingQueue
) -> None:
    ann = factories.add_contact(session, business, email="old@x.example")
    saved = save(ann, email="  new@x.example ")
    assert (saved.changed, saved.owed, heard.pushes) == (True, True, [business.id])
    assert (ann.email, ann.version, ann.revision, ann.updated_at) == ("new@x.example", 2, 2, NOW)
    assert ann.email_key == "new@x.example"
    assert "new" in ann.search_text.split()
    entry = last(session)
    assert (entry.kind, entry.actor, entry.revision) == (ActivityKind.EDITED, "Sam", 2)
    assert entry.changes == [["email", "old@x.example", "new@x.example"]]


def test_a_field_of_our_own_is_not_owed(
    session: Session, business: Business, save: Callable[..., SaveResult], heard: RecordingQueue
) -> None:
    ann = factories.add_contact(session, business)
    saved = save(ann, notes="Likes blue", customer_code="A1")
    assert (saved.changed, saved.owed, heard.pushes) == (True, False, [])
    assert (ann.version, ann.revision) == (2, 1)


def test_a_save_that_changes_nothing_raises_nothing(
    session: Session, business: Business, save: Callable[..., SaveResult], heard: RecordingQueue
) -> None:
    ann = factories.add_contact(session, business, "Ann  Smith ", street_line1="1 Queen\r\nStreet")
    saved = save(ann, seen=99, name="Ann Smith", street_line1="1 Queen Street", email="")
    assert (saved.changed, ann.version, ann.revision, heard.pushes) == (False, 1, 1, [])
    assert ann.name == "Ann  Smith "
    assert session.scalar(select(func.count()).select_from(Activity)) == 0


def test_an_unchanged_imported_value_is_kept_however_wrong(
    session: Session, business: Business, save: Callable[..., SaveResult]
) -> None:
    ann = factories.add_contact(session, business, "Ann <3", email="not an email", street_country="N3W")
    save(ann, name="Ann <3", email="not an email", street_country="N3W", phone="021 555 0002")
    assert (ann.name, ann.email, ann.phone) == ("Ann <3", "not an email", "021 555 0002")
    with pytest.raises(InvalidContact) as refusal:
        save(ann, name="Ann <4", email="not", street_country="4")
    assert set(refusal.value.errors) == {"name", "email", "street_country"}
    assert ann.name == "Ann <3"


def test_a_new_save_frees_what_was_parked(
    session: Session, business: Business, save: Callable[..., SaveResult]
) -> None:
    ann = factories.add_contact(session, business)
    parked: dict[str, Any] = {"state": LinkState.PARKED, "reason": "No", "tries": 8, "next_try_at": NOW}
    link = factories.add_link(session, ann, factories.add_connection(session, business), **parked)
    save(ann, notes="Only ours")
    session.refresh(link)
    assert link.state is LinkState.PARKED
    save(ann, email="a@x.example")
    session.refresh(link)
    assert (link.state, link.reason, link.tries, link.next_try_at) == (LinkState.ACTIVE, "", 0, None)
    assert link.sent_revision < link.owed_revision == ann.revision


def test_an_edited_tax_number_is_marked(session: Session, business: Business, save: Callable[..., SaveResult]) -> None:
    ann = factories.add_contact(session, business, tax_number="***-1234")
    save(ann, email="a@x.example")
    assert not ann.tax_number_edited
    save(ann, tax_number="123-45-1234")
    assert ann.tax_number_edited


def test_a_stale_form_gets_both_sides(session: Session, business: Business, save: Callable[..., SaveResult]) -> None:
    ann = factories.add_contact(session, business, email="old@x.example", phone="1")
    save(ann, seen=1, email="sam@x.example", mobile="2")
    with pytest.raises(Conflict) as conflict:
        save(ann, seen=1, email="yours@x.example", phone="3", mobile="")
    assert (conflict.value.version, conflict.value.who, conflict.value.when) == (2, "Sam", NOW)
    assert {side.key: (side.saved, side.yours, side.keep) for side in conflict.value.sides} == {
        "email": ("sam@x.example", "yours@x.example", None),
        "phone": ("1", "3", Keep.YOURS),
        "mobile": ("2", "", Keep.SAVED),  # only Sam touched it
    }
    assert {side.key: (side.who, side.when) for side in conflict.value.sides} == {
        "email": ("Sam", NOW),
        "phone": ("", None),
        "mobile": ("Sam", NOW),
    }
    assert (ann.email, ann.version) == ("sam@x.example", 2)


def test_a_customer_code_is_one_customers(
    session: Session, business: Business, save: Callable[..., SaveResult]
) -> None:
    factories.add_contact(session, business, "Bob", customer_code="A1")
    ann = factories.add_contact(session, business, customer_code="A2")
    with pytest.raises(InvalidContact, match="Bob already has this customer code"):
        save(ann, customer_code="A1")
    save(ann, customer_code="")
    save(ann, customer_code="A3")


def test_the_same_name_and_email_are_asked_about(
    session: Session, business: Business, other_business: Business, save: Callable[..., SaveResult]
) -> None:
    factories.add_contact(session, other_business, "ÁNN smith", email="ANN@x.example")
    ann = factories.add_contact(session, business, email="other@x.example")
    save(ann, email="ann@x.example")
    bob = factories.add_contact(session, business, "Bob", email="ann@x.example")
    with pytest.raises(DuplicateContact) as refusal:
        save(bob, name="ánn SMITH")
    assert [known.id for known in refusal.value.known] == [ann.id]
    save(bob, name="ánn SMITH", confirmed=True)
    save(bob, phone="021 555 0002")  # it is known by now
    assert bob.name == "ánn SMITH"


def test_the_same_form_twice_adds_one_contact(session: Session, business: Business) -> None:
    form = ContactSubmission(values={"first_name": "Ann", "last_name": "Smith"}, idempotency_key="t")
    both = [
        creation.create(session, business, form, kind=ContactKind.SUPPLIER, by="Sam", now=NOW).id,
        creation.create(session, business, form, kind=ContactKind.SUPPLIER, by="Sam", now=NOW).id,
    ]
    assert both[0] == both[1]
    only = session.scalars(select(Contact)).one()
    assert (only.name, only.is_customer, only.is_supplier, only.version) == ("Ann Smith", False, True, 1)
    assert session.scalar(select(func.count()).select_from(Link)) == 0
    assert last(session).kind is ActivityKind.ADDED


def test_a_form_without_a_token_adds_each_time(session: Session, business: Business) -> None:
    for _ in range(2):
        form = ContactSubmission(values={"name": "Ann"}, confirmed=True)
        creation.create(session, business, form, kind=ContactKind.CUSTOMER, by="Sam", now=NOW)
    assert session.scalar(select(func.count()).select_from(Contact)) == 2


def test_archiving_is_ours_alone(session: Session, business: Business) -> None:
    ann = factories.add_contact(session, business)
    for _ in range(2):
        archive.archive(session, business.id, ann.id, by="Mana", now=NOW)
    assert (ann.archived_at, ann.version, ann.revision) == (NOW, 1, 1)
    archive.restore(session, business.id, ann.id, by="Mana", now=NOW)
    assert ann.archived_at is None
    kinds = session.scalars(select(Activity.kind).order_by(Activity.id)).all()
    assert kinds == [ActivityKind.ARCHIVED, ActivityKind.RESTORED]


def test_another_business_has_no_such_contact(
    session: Session, other_business: Business, business: Business, heard: RecordingQueue
) -> None:
    ann = factories.add_contact(session, business)
    form = ContactSubmission(values={"name": "Mine"}, seen=1)
    with pytest.raises(NotFound):
        contacts.save(session, other_business, ann.id, form, by="Nora", now=NOW, jobs=heard)
    with pytest.raises(NotFound):
        archive.archive(session, other_business.id, ann.id, by="Nora", now=NOW)
    assert (ann.name, ann.archived_at) == ("Ann Smith", None)
