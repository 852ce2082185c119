"""Both sides of a customer that differs: what Retail POS keeps, what Xero has, and whose value is used."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import ActivityKind
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

OURS: dict[str, Any] = {
    "name": "Ann Smith",
    "email": "ann@x.example",
    "phone": "021 555 0002",
    "street_city": "Auckland",
}


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, **OURS)


@pytest.fixture
def linked(session: Session, business: Business, ann: Contact) -> Link:
    return factories.add_link(session, ann, factories.add_connection(session, business))


@pytest.fixture
def tablet(sign_in: SignIn, staff: User) -> Browser:
    return sign_in(staff)


def change_in_xero(session: Session, link: Link, **values: str) -> None:
    """Let Xero show other values."""
    link.copy = XeroCopy(values=XeroCopy().values | OURS | values).to_json()
    link.differs = True
    session.commit()


def use(browser: Browser, ann: Contact, field: str, **shown: str) -> TestResponse:
    """Press Use Xero's value, beside the values that the page showed."""
    fields = {f"xero_{key}": value for key, value in shown.items()}
    return browser.submit(
        f"/customers/{ann.id}/use-xeros-value", {"version": str(ann.version), "field": field, **fields}
    )


def page_of(browser: Browser, ann: Contact) -> str:
    return unescape(browser.get(f"/customers/{ann.id}").text)


def test_the_panel_shows_the_fields_that_differ_and_no_others(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 1234", tax_number="12-345-678", first_name="Ann")
    page = page_of(tablet, ann)
    for said in ("Changed in Xero</h2>", "Retail POS keeps", "Xero has", "<ins>021 555 0002</ins>"):
        assert said in page
    assert page.index("Changed in Xero</h2>") < page.index("Details</h2>"), "where staff see it"
    assert "<del>09 555 1234</del>" in page
    assert "<del>Ann</del>" in page, "what is empty here"
    assert page.count("Use Xero's value</button>") == 2
    assert "12-345-678" not in page, "a tax number that nobody edited is never sent"
    linked.differs_since_linked = True
    session.commit()
    assert "Differs from Xero</h2>" in page_of(tablet, ann)


def test_one_field_takes_xeros_value_as_the_persons_own_edit(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    assert use(tablet, ann, "phone", phone="09 555 1234").location == f"/customers/{ann.id}"
    session.refresh(ann)
    session.refresh(linked)
    assert (ann.phone, ann.version, linked.owed_revision - linked.sent_revision) == ("09 555 1234", 2, 1)
    entry = session.scalars(select(Activity).where(Activity.contact_id == ann.id)).one()
    assert (entry.kind, entry.actor, entry.note) == (ActivityKind.EDITED, "Sam", "Used Xero's value.")
    assert entry.changes == [["phone", "021 555 0002", "09 555 1234"]]
    page = page_of(tablet, ann)
    assert "Ann Smith saved. Sending to Xero…" in page
    assert "This replaces what Xero had" not in page


def test_the_other_fields_keep_ours_and_the_answer_says_what_that_replaces(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 1234", street_city="Napier")
    page = page_of(tablet, ann)
    assert "Using Xero's value for one field keeps yours in the others and sends them to Xero." in page
    use(tablet, ann, "phone", phone="09 555 1234", street_city="Napier")
    session.refresh(ann)
    assert (ann.phone, ann.street_city) == ("09 555 1234", "Auckland")
    assert "This replaces what Xero had: City (street address): Napier." in page_of(tablet, ann)


def test_all_of_xeros_values_are_used_at_once(session: Session, tablet: Browser, ann: Contact, linked: Link) -> None:
    theirs = {"phone": "09 555 1234", "street_city": "Napier", "email": ""}
    change_in_xero(session, linked, **theirs)
    assert "Use all of Xero's values" in page_of(tablet, ann)
    assert use(tablet, ann, "all", **theirs).status_code == 303
    session.refresh(ann)
    assert (ann.phone, ann.street_city, ann.email) == ("09 555 1234", "Napier", "")


@pytest.mark.parametrize(
    ("key", "theirs", "error"),
    [
        ("name", "Ann <Smith>", "Name cannot contain < or >"),
        ("street_country", "Area 51", "Country (street address) can only contain letters, spaces and . ' & ( ) -"),
        ("email", "änn@x.example", "Xero does not accept letters like ä in an email address"),
    ],
)
def test_a_value_that_we_refuse_opens_the_form_with_it(
    session: Session, tablet: Browser, ann: Contact, linked: Link, key: str, theirs: str, error: str
) -> None:
    change_in_xero(session, linked, **{key: theirs})
    answer = use(tablet, ann, key, **{key: theirs})
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "Edit customer</h1>" in page
    assert error in page
    assert f'value="{theirs}"' in page
    session.refresh(ann)
    assert (ann.name, ann.version) == ("Ann Smith", 1)


def test_somebody_elses_save_is_not_overwritten(session: Session, tablet: Browser, ann: Contact, linked: Link) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    tablet.submit(f"/customers/{ann.id}/edit", {"version": "1", "phone": "021 555 0003"})
    answer = use(tablet, ann, "phone", phone="09 555 1234")
    assert answer.status_code == 409
    assert "Someone else changed this customer" in answer.text
    session.refresh(ann)
    assert ann.phone == "021 555 0003"


def test_a_value_that_xero_has_no_more_is_not_used(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 9999")
    assert use(tablet, ann, "phone", phone="09 555 1234").status_code == 303
    session.refresh(ann)
    assert ann.phone == "021 555 0002"
    assert "Xero's details have changed meanwhile. Compare them again." in page_of(tablet, ann)


def test_a_masked_tax_number_is_shown_and_never_used(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    ann.tax_number, ann.tax_number_edited = "123-45-6789", True
    change_in_xero(session, linked, tax_number="*****1111")
    page = page_of(tablet, ann)
    assert "<del>*****1111</del>" in page
    assert "Use Xero's value</button>" not in page
    answer = use(tablet, ann, "tax_number", tax_number="*****1111")
    assert answer.status_code == 422
    assert "Xero shows only part of Tax number. Enter all of it" in answer.text
    session.refresh(ann)
    assert ann.tax_number == "123-45-6789"


@pytest.mark.parametrize("field", ["", "notes", "version", "phone"])
def test_a_button_for_nothing_that_was_shown_changes_nothing(
    session: Session, tablet: Browser, ann: Contact, linked: Link, field: str
) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    assert use(tablet, ann, field, email="x@x.example").status_code == 303
    session.refresh(ann)
    assert ann.version == 1


def test_who_only_reads_may_not(
    session: Session, sign_in: SignIn, bookkeeper: User, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    assert "Use Xero's value" not in page_of(sign_in(bookkeeper), ann)
    assert use(sign_in(bookkeeper), ann, "phone", phone="09 555 1234").status_code == 403


def test_an_unlinked_customer_has_no_other_side(tablet: Browser, ann: Contact) -> None:
    assert use(tablet, ann, "phone", phone="09 555 1234").status_code == 404
