"""What pages draw from the field map: each field, whatever its kind, is shown, compared and remembered."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from posxero.domain.field_kinds import COUNTRY, DATE, EMAIL, FLAG, YES
from posxero.domain.fields import FIELDS
from posxero.domain.labels import LabelKind
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from posxero.domain.field import Field
    from tests.support.browser import Browser

TYPED = {EMAIL.name: "new@x.example", COUNTRY.name: "Fiji", DATE.name: "1990-12-31", FLAG.name: YES}
WORDS = {DATE.name: "31 December 1990", FLAG.name: "Yes"}


@pytest.fixture
def tablet(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    """Sam's, signed in."""
    return sign_in(staff)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    business.country = "NZ"
    session.commit()
    factories.add_label(session, business, LabelKind.GROUP, "customer_group 1")
    factories.add_label(session, business, LabelKind.TAG, "tags 1")
    return factories.add_contact(session, business)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_a_field_is_shown_and_its_change_is_remembered(tablet: Browser, ann: Contact, field: Field) -> None:
    typed = TYPED.get(field.kind.name, f"{field.key} 1")
    words = WORDS.get(field.kind.name, typed)
    path = f"/customers/{ann.id}"
    assert tablet.submit(f"{path}/edit", {"version": "1", field.key: typed}).status_code == 303
    page = unescape(tablet.get(path).text)
    assert f"{field.full_label}: " in page
    assert f"<ins>{words}</ins>" in page
    details = page[page.index("<h2>Details</h2>") : page.index("<h2>History</h2>")].replace("<wbr>", "")
    assert words in (details if not field.is_required else page)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_a_field_that_two_people_changed_is_asked_about(tablet: Browser, ann: Contact, field: Field) -> None:
    typed = TYPED.get(field.kind.name, f"{field.key} 1")
    path = f"/customers/{ann.id}/edit"
    assert tablet.submit(path, {"version": "1", field.key: typed}).status_code == 303
    answer = tablet.submit(path, {"version": "1", field.key: "other"})
    assert answer.status_code == 409
    assert f"{field.full_label}, saved now: {WORDS.get(field.kind.name, typed)}" in unescape(answer.text)
