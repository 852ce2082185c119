"""Which organisation: several in one consent, another one than before, and one that is taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from posxero.db.base import new_id
from posxero.db.connection import Connection, Grant
from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import
from posxero.domain.enums import ConnectionState, Phase
from posxero.services.xero_connection import connections
from tests.support import consenting
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.ports import Ports
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer


def both(practice: PracticeServer) -> list[str]:
    return [organisation.tenant_id for organisation in practice.organisations]


def name_of(session: Session, business: Business) -> str:
    session.commit()
    found = connections.current(session, business.id)
    return found.name if found else ""


def link_one(session: Session, business: Business, tenant: str) -> None:
    now = datetime.now(UTC)
    contact = Contact(business_id=business.id, id=new_id(), name="Ann", created_at=now, updated_at=now)
    session.add(contact)
    session.flush()
    session.add(
        Link(
            business_id=business.id,
            id=new_id(),
            contact_id=contact.id,
            tenant_id=UUID(tenant),
            xero_id=new_id(),
            sent_revision=1,
            linked_at=now,
        )
    )
    session.commit()


def test_several_organisations_are_a_choice(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    path = consenting.connect(olive, practice, *both(practice)).headers["Location"]
    page = olive.get(path)
    assert all(organisation.name.replace("&", "&amp;") in page.text for organisation in practice.organisations)
    assert name_of(session, business) == ""
    answer = olive.submit(path, {"tenant": both(practice)[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/xero")
    assert name_of(session, business) == practice.organisations[1].name
    assert olive.get(path).status_code == 404


def test_nothing_chosen_and_a_made_up_one_are_refused(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    path = consenting.connect(olive, practice, *both(practice)).headers["Location"]
    answer = olive.submit(path)
    assert answer.status_code == 422
    assert "Choose an organisation" in answer.text
    assert olive.submit(path, {"tenant": str(new_id())}).status_code == 400
    assert name_of(session, business) == ""


def test_a_choice_is_of_the_sign_in_that_consented(
    olive: Browser, practice: PracticeServer, sign_in: Callable[[User], Browser], owner: User, stranger: User
) -> None:
    path = consenting.connect(olive, practice, *both(practice)).headers["Location"]
    for other in (sign_in(owner), sign_in(stranger)):
        assert other.get(path).status_code == 404
        assert other.submit(path, {"tenant": both(practice)[0]}).status_code == 404


def test_an_organisation_of_another_business_is_refused(
    olive: Browser,
    practice: PracticeServer,
    session: Session,
    business: Business,
    other_business: Business,
    sign_in: Callable[[User], Browser],
    stranger: User,
) -> None:
    consenting.connect(sign_in(stranger), practice)
    answer = consenting.connect(olive, practice)
    assert answer.status_code == 409
    assert "connected to another business" in answer.text
    assert name_of(session, business) == ""
    assert name_of(session, other_business) == practice.organisations[0].name
    assert session.scalar(select(func.count()).select_from(Grant)) == 1


def test_of_several_the_taken_one_cannot_be_chosen(
    olive: Browser, practice: PracticeServer, sign_in: Callable[[User], Browser], stranger: User
) -> None:
    consenting.connect(sign_in(stranger), practice)
    path = consenting.connect(olive, practice, *both(practice)).headers["Location"]
    assert "disabled" in olive.get(path).text
    assert olive.submit(path, {"tenant": both(practice)[0]}).status_code == 409


def test_another_organisation_than_the_links_is_asked_about(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    first, second = both(practice)
    consenting.connect(olive, practice, first)
    link_one(session, business, first)
    # Both, because Xero remembers what this user connected before.
    path = consenting.connect(olive, practice, second).headers["Location"]
    assert path.startswith("/xero/choose/")
    assert "1 customer is linked to Kiwi Outfitters Ltd" in olive.get(path).text
    assert olive.submit(path, {"tenant": second}).status_code == 422
    assert name_of(session, business) == practice.organisations[0].name
    answer = olive.submit(path, {"tenant": second, "sure": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/imports/new")
    assert name_of(session, business) == practice.organisations[1].name
    assert session.scalar(select(func.count()).select_from(Link)) == 1


def test_the_same_organisation_again_is_not_asked_about_although_links_to_an_earlier_one_rest(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    first, second = both(practice)
    consenting.connect(olive, practice, first)
    link_one(session, business, first)
    olive.submit(consenting.connect(olive, practice, second).headers["Location"], {"tenant": second, "sure": "1"})
    assert consenting.connect(olive, practice, second).headers["Location"] == "/imports/new"
    assert name_of(session, business) == practice.organisations[1].name


def test_nobody_is_added_to_another_organisation_before_its_contacts_were_matched(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    first, second = both(practice)
    consenting.connect(olive, practice, first)
    link_one(session, business, first)
    olive.submit(consenting.connect(olive, practice, second).headers["Location"], {"tenant": second, "sure": "1"})
    contact_id = session.scalars(select(Contact.id)).one()
    page = olive.get(f"/customers/{contact_id}/link").text
    assert "Import from Xero first" in page
    assert 'href="/imports/new"' in page
    assert "Create in Xero" not in page
    olive.submit(f"/customers/{contact_id}/link")
    assert "Import from Xero first" in olive.get(f"/customers/{contact_id}").text
    assert session.scalar(select(func.count()).select_from(Link)) == 1
    connection = connections.current(session, business.id)
    assert connection is not None
    times = {"phase_at": now(), "started_at": now(), "finished_at": now()}
    run = {"organisation": connection.name, "with_suppliers": False, "phase": Phase.FINISHED, "started_by": "Olive"}
    session.add(Import(business_id=business.id, id=new_id(), tenant_id=connection.tenant_id, **run, **times))
    session.commit()
    olive.submit(f"/customers/{contact_id}/link")
    assert session.scalar(select(func.count()).select_from(Link)) == 2


def test_the_same_organisation_again_goes_on(
    olive: Browser, practice: PracticeServer, session: Session, business: Business, ports: Ports
) -> None:
    consenting.connect(olive, practice)
    link_one(session, business, practice.tenant)
    before = connections.current(session, business.id)
    assert before is not None
    old, before.state, before.reason = before.grant_id, ConnectionState.LOST, "Xero says so"
    session.commit()
    assert "Xero says so" in olive.get("/settings/xero").text
    assert consenting.connect(olive, practice).headers["Location"] == "/settings/xero"
    session.expire_all()
    after = session.scalars(select(Connection)).one()
    assert (after.id, after.state, after.reason) == (before.id, ConnectionState.CONNECTED, "")
    grant = session.scalars(select(Grant)).one()
    assert grant.id == after.grant_id != old
    assert ports.vault.open(grant.id, grant.tokens).tokens.access


def test_no_organisation_is_said(olive: Browser, practice: PracticeServer) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    practice.fault("disconnect")
    answer = olive.get(back)
    assert answer.status_code == 400
    assert "No organisation was chosen" in answer.text
