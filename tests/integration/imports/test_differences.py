"""Links between customers and contacts that were never equal: nobody changed anything, and the badge says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.enums import Decision, Phase
from posxero.services.imports import review
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status

if TYPE_CHECKING:
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

PHONE = {"DEFAULT": {"PhoneNumber": "555 1234", "PhoneAreaCode": "09"}}
NEVER_EQUAL, CHANGED, SYNCED = "Differs from Xero", "Changed in Xero", "Synced"


@pytest.fixture
def ana(importer: Importer) -> Contact:
    return importer.add(name="Ana Mahana", email="ana@shop.example", phone="021 555 000")


@pytest.fixture
def theirs(ana: Contact, xero: PracticeServer) -> str:
    """The contact of Xero that is linked to Ana by its name and email; its phone is another."""
    return str(xero.add(Name=ana.name, EmailAddress=ana.email, Phones=PHONE, IsCustomer=True)["ContactID"])


def badge(importer: Importer, contact: Contact) -> str:
    importer.session.rollback()
    query = select(Link).where(Link.contact_id == contact.id).execution_options(populate_existing=True)
    status = load_connection_status(importer.session, importer.business.id)
    return badges.badge_of_link(status, importer.session.scalars(query).one(), importer.clock()).label


def again(importer: Importer) -> None:
    importer.later += timedelta(minutes=10)
    assert importer.finish(importer.start()).phase is Phase.FINISHED


def test_a_match_with_other_details_differs_until_somebody_changes_it(
    importer: Importer, xero: PracticeServer, ana: Contact, theirs: str
) -> None:
    again(importer)
    assert badge(importer, ana) == NEVER_EQUAL
    again(importer)
    assert badge(importer, ana) == NEVER_EQUAL
    xero.edit(theirs, FirstName="Ana")
    again(importer)
    assert badge(importer, ana) == CHANGED


def test_a_difference_that_came_and_went_is_not_the_old_one(
    importer: Importer, xero: PracticeServer, ana: Contact, theirs: str
) -> None:
    again(importer)
    xero.edit(theirs, Phones={"DEFAULT": {"PhoneNumber": "021 555 000", "PhoneAreaCode": ""}})
    again(importer)
    assert badge(importer, ana) == SYNCED
    xero.edit(theirs, Phones=PHONE)
    again(importer)
    assert badge(importer, ana) == CHANGED


def test_a_link_of_the_review_differs_too(importer: Importer, xero: PracticeServer) -> None:
    rua = importer.add(name="Rua Tane", email="rua@home.example")
    xero.add(Name="Rua Tane", EmailAddress="rua@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    review.decide_all(importer.session, run.business_id, run.id, Decision.LINK)
    review.continue_import(importer.session, importer.jobs, run.business_id, run.id, now=importer.clock())
    assert importer.finish(run).phase is Phase.FINISHED
    assert badge(importer, rua) == NEVER_EQUAL


def test_what_an_import_added_was_changed_when_it_differs(importer: Importer, xero: PracticeServer) -> None:
    added = xero.add(Name="Added Ani", IsCustomer=True)["ContactID"]
    again(importer)
    xero.edit(added, Name="Renamed Ani")
    again(importer)
    assert badge(importer, importer.contact(added)) == CHANGED
