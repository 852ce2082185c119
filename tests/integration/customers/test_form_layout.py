"""The form of a contact: what is edited daily first, the rest folded away, and what a save does in Xero."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import LinkState
from posxero.domain.fields import FIELDS
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

STREET = [one.key for one in FIELDS if one.key.startswith("street_")]


@pytest.fixture
def tablet(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    """Sam's, signed in."""
    return sign_in(staff)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@x.example")


def test_what_is_edited_daily_stands_first_and_every_field_is_there(tablet: Browser, ann: Contact) -> None:
    new = list(boxes_in_order(tablet.get("/customers/new").text))
    assert new[:6] == ["name", "first_name", "last_name", "email", "mobile", "phone"]
    daily = ["name", "email", "mobile", "phone", *STREET]
    edit = tablet.get(f"/customers/{ann.id}/edit").text
    assert list(boxes_in_order(edit))[: len(daily)] == daily
    assert edit.index('id="street_country"') < edit.index("<summary>More details</summary>") < edit.index('id="fax"')
    for shown in (new, list(boxes_in_order(edit))):
        assert sorted(shown) == sorted(one.key for one in FIELDS)


def boxes_in_order(text: str) -> list[str]:
    return [key for key in re.findall(r'<(?:input|textarea|select) id="(\w+)"', text) if key != "postal_same"]


@pytest.mark.parametrize(
    ("held", "typed", "opened"),
    [({}, {}, ""), ({"notes": "x"}, {}, " open"), ({"mobile": "021 1"}, {"email": "x"}, "")],
)
def test_more_details_are_open_where_they_hold_something(
    session: Session, tablet: Browser, ann: Contact, held: dict[str, str], typed: dict[str, str], opened: str
) -> None:
    for key, value in held.items():
        setattr(ann, key, value)
    session.commit()
    path = f"/customers/{ann.id}/edit"
    page = tablet.submit(path, {"version": "1", **typed}) if typed else tablet.get(path)
    assert f'<details class="card more"{opened}>' in page.text


def test_more_details_are_open_where_they_are_wrong(tablet: Browser, ann: Contact) -> None:
    answer = tablet.submit(f"/customers/{ann.id}/edit", {"version": "1", "postal_country": "N/A"})
    assert answer.status_code == 422
    assert '<details class="card more" open>' in answer.text


def test_the_postal_address_may_be_the_street_address(session: Session, tablet: Browser, ann: Contact) -> None:
    path = f"/customers/{ann.id}/edit"
    assert not is_ticked(tablet.get(path).text)
    typed = {"street_line1": "1 Queen Street", "street_city": "Auckland", "postal_line1": "PO Box 1"}
    assert tablet.submit(path, {"version": "1", **typed, "postal_same": "1"}).status_code == 303
    session.refresh(ann)
    assert (ann.postal_line1, ann.postal_city, ann.postal_country) == ("1 Queen Street", "Auckland", "")
    assert is_ticked(tablet.get(path).text)
    refused = tablet.submit(path, {"version": "2", "street_line1": "2 High Street", "postal_same": "1", "email": "x"})
    assert 'id="postal_line1"' in refused.text
    assert refused.text.count('value="2 High Street"') == 2
    assert is_ticked(refused.text)
    session.commit()
    tablet.submit(path, {"version": "2", "postal_line1": "PO Box 1"})
    session.refresh(ann)
    assert (ann.street_line1, ann.postal_line1) == ("1 Queen Street", "PO Box 1")
    assert not is_ticked(tablet.get(path).text)


def is_ticked(text: str) -> bool:
    (box,) = re.findall(r'<input id="postal_same"[^>]*>', text)
    return " checked" in box


def test_no_heading_repeats_its_only_label(tablet: Browser) -> None:
    text = tablet.get("/customers/new").text
    assert re.findall(r"<legend>(.+?)</legend>", text) == ["Street address", "Postal address", "Business details"]


def test_what_a_save_replaces_in_xero_stands_in_the_save_bar(
    session: Session, tablet: Browser, business: Business, ann: Contact
) -> None:
    link = factories.add_link(session, ann, factories.add_connection(session, business))
    path = f"/customers/{ann.id}/edit"
    assert "Saving updates it there." in save_bar(tablet.get(path).text)
    link.copy = link.copy | {"values": link.copy["values"] | {"phone": "09 555 1234", "street_city": "Napier"}}
    session.commit()
    bar = save_bar(tablet.get(path).text)
    assert "Saving replaces in Xero (Kiwi Ltd): Phone, City (street address)" in bar
    assert "<del>09 555 1234</del> → <ins>empty</ins>" in bar
    link.state = LinkState.ARCHIVED
    session.commit()
    assert "Archived in Xero: your changes are saved here only." in save_bar(tablet.get(path).text)


def save_bar(text: str) -> str:
    return text[text.index('<div class="savebar">') :]
