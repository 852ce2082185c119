"""Adding and editing as a browser does it: nothing typed is lost, whatever the answer."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.contact import Contact
from posxero.domain.fields import FIELDS
from posxero.domain.labels import LabelKind
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

HOSTILE = '"><script>alert(1)</script>'
RTL = "\u202eevil\u2066 שלום"


@pytest.fixture
def tablet(sign_in: SignIn, staff: User) -> Browser:
    """Sam's, signed in."""
    return sign_in(staff)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@x.example")


def boxes(text: str) -> dict[str, str]:
    """Read the values of a form's boxes for text."""
    text = re.sub(r'<input id="postal_same"[^>]*>', "", text)
    found = dict(re.findall(r'<input id="(\w+)"[^>]* value="([^"]*)"', text))
    found |= dict(re.findall(r'<textarea id="(\w+)"[^>]*>\n(.*?)</textarea>', text, re.DOTALL))
    found |= dict(re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected', text, re.DOTALL))
    return {key: unescape(value) for key, value in found.items()}


def test_every_field_is_saved_and_shown_again(session: Session, tablet: Browser, business: Business) -> None:
    factories.add_label(session, business, LabelKind.GROUP, "Group 1")
    factories.add_label(session, business, LabelKind.TAG, "Tags 1")
    typed = {one.key: f"{one.label} 1" for one in FIELDS}
    typed |= {"email": "ann@x.example", "street_country": "Aotearoa", "postal_country": "Fiji", "notes": "a\nb"}
    typed |= {"birthday": "1990-12-31", "marketing_consent": "yes"}
    answer = tablet.submit("/customers/new", {**typed, "idempotency_key": "1"})
    assert answer.status_code == 303
    assert "Name 1 added." in tablet.get(answer.location or "").text
    assert boxes(tablet.get(f"{answer.location}/edit").text) == typed
    assert session.scalars(select(Contact)).one().business_id == business.id


def test_every_label_is_that_of_the_field_map(tablet: Browser) -> None:
    text = tablet.get("/customers/new").text
    for one in FIELDS:
        assert f'<label for="{one.key}">{one.label}' in text
    assert "Save Customer</button>" in text
    assert "Save Supplier</button>" in tablet.get("/suppliers/new").text


def test_a_refused_form_keeps_what_was_typed(session: Session, tablet: Browser, ann: Contact) -> None:
    typed = {"name": "", "email": "bübli@x.example", "phone": "1" * 51, "notes": HOSTILE, "version": "1"}
    answer = tablet.submit(f"/customers/{ann.id}/edit", typed)
    assert answer.status_code == 422
    shown = boxes(answer.text)
    assert {key: shown[key] for key in typed if key != "version"} == {
        key: typed[key] for key in typed if key != "version"
    }
    for said in (
        "There is a problem",
        "Enter the customer",
        "Xero does not accept letters like ü",
        "It is 51 characters",
    ):
        assert said in answer.text
    assert '<a href="#email">' in answer.text
    assert "<title>Error: " in answer.text
    session.refresh(ann)
    assert (ann.name, ann.version) == ("Ann Smith", 1)
    supplier = tablet.submit("/suppliers/new", {"name": ""})
    assert "Enter the supplier" in unescape(supplier.text)


@pytest.mark.parametrize(
    "value", [HOSTILE, RTL, "🌺" * 40, "O'Brien & 'Sons'", "a\x00b", "x" * 300, "\r\nx", "{{ 7*7 }}"]
)
def test_anything_may_be_typed_into_every_field(tablet: Browser, ann: Contact, value: str) -> None:
    form = {**{one.key: value for one in FIELDS}, "version": "1"}
    answer = tablet.submit(f"/customers/{ann.id}/edit", form)
    assert answer.status_code in {303, 422}
    assert "<script>alert" not in answer.text
    form = {"name": "Plain", "first_name": value, "notes": value, "version": "1"}
    answer = tablet.submit(f"/customers/{ann.id}/edit", form)
    assert answer.status_code == (422 if len(value) > 255 else 303)
    page = tablet.get(f"/customers/{ann.id}").text
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_someone_elses_save_gives_both_sides(session: Session, tablet: Browser, ann: Contact) -> None:
    path = f"/customers/{ann.id}/edit"
    tablet.submit(path, {"version": "1", "email": "first@x.example", "mobile": "021 1"})
    answer = tablet.submit(path, {"version": "1", "email": "second@x.example", "mobile": "", "notes": "kept"})
    assert answer.status_code == 409
    for said in (
        "Someone else changed this customer",
        "Sam saved Ann Smith",
        "first@x.example",
        "second@x.example",
        "kept",
    ):
        assert said in answer.text
    assert 'name="version" value="1"' in answer.text
    assert 'name="over" value="2"' in answer.text
    assert (
        tablet.submit(
            path, {"version": "2", "email": "second@x.example", "mobile": "021 1", "notes": "kept"}
        ).status_code
        == 303
    )
    session.refresh(ann)
    assert (ann.email, ann.mobile, ann.notes, ann.version) == ("second@x.example", "021 1", "kept", 3)


def test_a_double_click_on_save_saves_once(session: Session, tablet: Browser, ann: Contact) -> None:
    for _ in range(2):
        answer = tablet.submit(f"/customers/{ann.id}/edit", {"version": "1", "email": "new@x.example"})
        assert (answer.status_code, answer.location) == (303, f"/customers/{ann.id}")
    for _ in range(2):
        assert tablet.submit("/customers/new", {"name": "Bob", "idempotency_key": "same"}).status_code == 303
    session.refresh(ann)
    assert ann.version == 2
    assert session.scalar(select(func.count()).select_from(Contact)) == 2


def test_a_likely_duplicate_is_asked_about(session: Session, tablet: Browser, ann: Contact) -> None:
    typed = {"name": "ann smith", "email": "ANN@x.example", "idempotency_key": "1"}
    answer = tablet.submit("/customers/new", typed)
    assert answer.status_code == 422
    assert f'href="/customers/{ann.id}"' in answer.text
    assert "Is this Ann Smith?" in answer.text
    assert "Save anyway" in answer.text
    assert boxes(answer.text)["email"] == "ANN@x.example"
    assert tablet.submit("/customers/new", {**typed, "confirm_duplicate": "1"}).status_code == 303
    assert session.scalar(select(func.count()).select_from(Contact)) == 2


def test_htmx_edits_in_place(session: Session, tablet: Browser, business: Business, ann: Contact) -> None:
    factories.add_link(session, ann, factories.add_connection(session, business))
    path, target = f"/customers/{ann.id}/edit", f"form#customer-{ann.id}"
    form = tablet.part(path, target).text
    assert "<html" not in form
    assert "Linked to Xero (Kiwi Ltd)" in form
    refused = tablet.part(path, target, {"version": "1", "email": "x"})
    assert (refused.status_code, "<html" in refused.text) == (422, False)
    assert "<title>Error: Edit Ann Smith" in refused.text
    answer = tablet.part(path, target, {"version": "1", "email": "new@x.example"})
    assert (answer.status_code, answer.location) == (303, f"/customers/{ann.id}")
    shown = tablet.part(answer.location or "", target).text
    assert "<html" not in shown
    assert "Ann Smith saved. Sending to Xero…" in shown
    assert "Waiting" in shown
    added = tablet.part("/customers/new", "form#customer-new", {"name": "Bob"})
    assert (added.status_code, added.headers["HX-Location"].startswith("/customers/")) == (204, True)


def test_a_form_without_its_token_is_refused_in_words(session: Session, tablet: Browser, ann: Contact) -> None:
    answer = tablet.post(f"/customers/{ann.id}/edit", data={"version": "1", "email": "new@x.example"})
    assert answer.status_code == 400
    assert "reload the page and try again" in answer.text
    session.refresh(ann)
    assert ann.version == 1


def test_what_is_no_field_cannot_be_set(
    session: Session, tablet: Browser, ann: Contact, other_business: Business
) -> None:
    extra = {"business_id": str(other_business.id), "revision": "99", "archived_at": "x", "is_supplier": "1"}
    tablet.submit(f"/customers/{ann.id}/edit", {"version": "1", "email": "new@x.example", **extra})
    session.refresh(ann)
    assert (ann.revision, ann.archived_at, ann.is_supplier, ann.email) == (2, None, False, "new@x.example")
