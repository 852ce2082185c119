"""Linking a customer that was here before fills what is empty, never overwrites, and can be undone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain.enums import ActivityKind, ConnectionState, Decision, Phase
from posxero.services.imports import review
from posxero.services.imports.review import ReviewChoice
from posxero.services.push import engine, linking
from posxero.services.push.linking import CannotUndo
from tests.support import factories

if TYPE_CHECKING:
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

THERE: dict[str, Any] = {
    "Name": "Ana Mahana",
    "FirstName": "Ana",
    "LastName": "Mahana",
    "EmailAddress": "ana@shop.example",
    "Addresses": {"STREET": {"AddressLine1": "1 Queen St", "City": "Auckland"}},
    "IsCustomer": True,
}


def linked(importer: Importer, xero: PracticeServer, **ours: str) -> Contact:
    """A customer with a phone only, whom the review links to a full contact of Xero."""
    contact = importer.add(**{"name": "Ana Mahana", "phone": "021 555 000"} | ours)
    there = xero.add(**THERE)
    run = importer.finish(importer.start())
    if run.phase is Phase.REVIEW:
        chosen = {UUID(there["ContactID"]): ReviewChoice(Decision.LINK, contact.id)}
        review.decide(importer.session, run.business_id, run.id, chosen)
        review.continue_import(importer.session, importer.jobs, run.business_id, run.id, now=importer.clock())
        importer.finish(run)
    importer.session.refresh(contact)
    return contact


def link_of(importer: Importer, contact: Contact) -> Link:
    query = select(Link).where(Link.contact_id == contact.id)
    return importer.session.scalars(query.execution_options(populate_existing=True)).one()


@pytest.mark.parametrize("email", ["", "ana@shop.example"])
def test_a_review_and_a_match_fill_what_is_empty(importer: Importer, xero: PracticeServer, email: str) -> None:
    ana = linked(importer, xero, email=email)
    assert (ana.first_name, ana.last_name, ana.email) == ("Ana", "Mahana", "ana@shop.example")
    assert (ana.street_line1, ana.street_city, ana.phone) == ("1 Queen St", "Auckland", "021 555 000")
    assert (ana.version, ana.revision) == (2, 1)
    told = importer.session.scalars(select(Activity).where(Activity.contact_id == ana.id)).one()
    assert told.kind is ActivityKind.LINKED
    assert ["first_name", "", "Ana"] in told.changes
    assert "filled in from Xero" in told.note


def test_a_link_to_another_organisation_is_compared_again_after_filling_and_after_undoing(
    importer: Importer, xero: PracticeServer
) -> None:
    session, business = importer.session, importer.business
    contact = importer.add(name="Ana Mahana", email="ana@shop.example")
    elsewhere = factories.add_connection(session, business, state=ConnectionState.ENDED)
    resting = factories.add_link(session, contact, elsewhere)
    xero.add(**THERE)
    importer.finish(importer.start())
    session.refresh(resting)
    assert resting.verify_again_at is not None
    assert resting.differs_since_linked
    resting.verify_again_at, resting.differs = None, True  # as read after the return to that organisation
    session.commit()
    linking.undo_link(session, business, contact.id, by="Mana", now=importer.clock())
    session.refresh(resting)
    assert resting.verify_again_at is not None


def test_a_birthday_and_a_consent_stay_as_they_are(importer: Importer, xero: PracticeServer) -> None:
    ana = linked(importer, xero, birthday="1990-12-31", marketing_consent="yes")
    assert ana.email == "ana@shop.example"
    assert (ana.birthday, ana.marketing_consent) == (date(1990, 12, 31), True)
    added = importer.session.scalars(select(Contact).where(Contact.id != ana.id)).all()
    assert not any(contact.birthday or contact.marketing_consent for contact in added)


def test_what_was_filled_is_found_by_a_search(importer: Importer, xero: PracticeServer) -> None:
    ana = linked(importer, xero)
    assert ana.email_key == "ana@shop.example"
    assert "ana mahana" in ana.search_text


def test_a_push_afterwards_empties_nothing_in_xero(importer: Importer, xero: PracticeServer) -> None:
    ana = linked(importer, xero)
    importer.session.execute(update(Contact).where(Contact.id == ana.id).values(revision=2))
    importer.session.execute(update(Link).where(Link.contact_id == ana.id).values(owed_revision=2))
    importer.session.commit()
    engine.push(importer.session, importer.business.id, importer.ports)
    held = xero.named("Ana Mahana")
    assert (held["EmailAddress"], held["FirstName"]) == ("ana@shop.example", "Ana")
    assert held["Addresses"]["STREET"]["City"] == "Auckland"
    assert held["Phones"]["DEFAULT"]["PhoneNumber"] == "021 555 000"


def test_undoing_the_link_gives_both_sides_back(importer: Importer, xero: PracticeServer) -> None:
    ana = linked(importer, xero)
    before = xero.named("Ana Mahana")
    linking.undo_link(importer.session, importer.business, ana.id, by="Mana", now=importer.clock())
    importer.session.refresh(ana)
    assert (ana.first_name, ana.email, ana.street_city, ana.phone) == ("", "", "", "021 555 000")
    assert importer.session.scalar(select(Link.id).where(Link.contact_id == ana.id)) is None
    assert xero.named("Ana Mahana") == before
    assert ana.email_key == ""


def test_undoing_keeps_what_somebody_changed_since(importer: Importer, xero: PracticeServer) -> None:
    ana = linked(importer, xero)
    ana.email = "other@shop.example"
    importer.session.commit()
    linking.undo_link(importer.session, importer.business, ana.id, by="Mana", now=importer.clock())
    importer.session.refresh(ana)
    assert (ana.email, ana.first_name) == ("other@shop.example", "")


def test_a_link_of_which_something_was_sent_is_not_undone(importer: Importer, xero: PracticeServer) -> None:
    ana = linked(importer, xero)
    importer.session.execute(update(Link).where(Link.contact_id == ana.id).values(sent_at=importer.clock()))
    importer.session.commit()
    with pytest.raises(CannotUndo):
        linking.undo_link(importer.session, importer.business, ana.id, by="Mana", now=importer.clock())
    assert link_of(importer, ana).xero_id is not None


def test_a_customer_that_the_import_added_has_nothing_to_undo(importer: Importer, xero: PracticeServer) -> None:
    xero.add(**THERE)
    importer.finish(importer.start())
    added = importer.session.scalars(select(Contact).where(Contact.name == "Ana Mahana")).one()
    assert not linking.may_undo(link_of(importer, added))
