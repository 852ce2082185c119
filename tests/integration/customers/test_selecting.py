"""Single customers that are ticked in the list, and changed or sent together."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.contact import Contact
from posxero.domain.copies import XeroCopy
from posxero.domain.labels import LabelKind
from posxero.services.contacts.contacts import values_of
from tests.support import factories
from tests.support.browser import form_of
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser, Form

    SignIn = Callable[[User], Browser]


@pytest.fixture
def tablet(sign_in: SignIn, manager: User) -> Browser:
    return sign_in(manager)


@pytest.fixture
def anns(session: Session, business: Business) -> list[Contact]:
    factories.add_label(session, business, LabelKind.TAG, "VIP")
    return [factories.add_contact(session, business, f"Ann {number}") for number in range(4)]


def selecting(address: str, *contacts: Contact, **params: str) -> str:
    """Return what the form of the boxes asks for when these are ticked."""
    chosen = [("selected", ""), *(("selected", str(one.id)) for one in contacts), *params.items()]
    return f"{address}?{urlencode(chosen)}"


def form_in(page: str, section: str) -> Form:
    main = page[page.index(f'id="{section}"') :]
    return form_of(main[: main.index("</form>")])


def tagged(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Contact.name).where(Contact.tags == "|VIP|").order_by(Contact.name)))


def test_boxes_are_shown_to_managers_who_ask_for_them(
    tablet: Browser, sign_in: SignIn, staff: User, anns: list[Contact]
) -> None:
    plain = tablet.get("/customers").text
    assert 'type="checkbox"' not in plain
    assert f"/customers?select={anns[1].id}" in plain
    page = tablet.get("/customers?q=ann&select=1").text
    assert page.count('type="checkbox"') == 4
    assert "checked" not in page
    assert '<input type="hidden" name="q" value="ann">' in page
    assert tablet.get("/customers?select=all").text.count('autocomplete="off" checked>') == 4
    assert tablet.get(f"/customers?select={anns[1].id}").text.count('autocomplete="off" checked>') == 1
    assert 'type="checkbox"' not in sign_in(staff).get("/customers?select=1").text


def test_what_is_ticked_goes_along_to_other_pages_and_searches(
    tablet: Browser, session: Session, business: Business, anns: list[Contact]
) -> None:
    zoe = factories.add_contact(session, business, "Zoe")
    for number in range(30):
        factories.add_contact(session, business, f"Bob {number}")
    first = " ".join(tablet.get("/customers?select=1").text.split())
    assert 'form="selection" formaction="/customers" name="page" value="2"' in first
    assert "Select this page" in first
    assert "more selected" not in first
    chosen = [("page", "2"), ("selected", ""), ("selected", str(anns[1].id)), ("page", "1"), ("select", "1")]
    second = " ".join(tablet.get(f"/customers?{urlencode(chosen)}").text.split())
    assert "1 more selected, not shown" in second
    assert f'<input type="hidden" name="selected" value="{anns[1].id}">' in second
    assert 'name="page" value="1"' in second
    back = tablet.get(f"/customers?select=1&selected={anns[1].id},{zoe.id}").text
    assert back.count('autocomplete="off" checked>') == 1
    assert f'<input type="hidden" name="selected" value="{zoe.id}">' in back
    none = tablet.get(f"/customers?q=nobody&select=1&selected={zoe.id}").text
    assert "1 more selected, not shown" in none
    form = form_in(second, "selection")
    assert "Change 1 customer</h1>" in tablet.get(f"/customers/change?{urlencode(form.fields)}").text


def test_what_is_too_many_to_go_along_is_said(tablet: Browser, anns: list[Contact]) -> None:
    many = ",".join(str(new_id()) for _ in range(100))
    page = tablet.get(f"/customers?select=1&selected={many},{anns[0].id}").text
    assert "You can select 100 at a time. The first 100 are selected." in page
    assert "100 more selected, not shown" in page


def test_only_those_ticked_are_named_and_changed(tablet: Browser, session: Session, anns: list[Contact]) -> None:
    page = unescape(tablet.get(selecting("/customers/change", anns[0], anns[2], q="ann", page="1")).text)
    assert "Change 2 customers</h1>" in page
    assert "<p>Ann 0, Ann 2.</p>" in page
    form = form_in(page, "change-all")
    answer = tablet.submit(form.action, {**form.fields, "act": "add-tag:VIP"})
    assert answer.location == "/customers?q=ann"
    assert "Tag VIP added to 2 customers." in unescape(tablet.get(answer.location).text)
    assert tagged(session) == ["Ann 0", "Ann 2"]


def test_without_a_tick_nothing_is_changed(tablet: Browser, session: Session, anns: list[Contact]) -> None:
    assert len(anns) == 4
    for path in ("/customers/change", "/customers/send-ours"):
        answer = tablet.get(selecting(path, q="ann"))
        assert answer.location == "/customers?q=ann&select=1"
        assert "Select the customers first." in unescape(tablet.get(answer.location).text)
    assert tablet.submit("/customers/change?selected=nonsense", {"act": "add-tag:VIP"}).status_code == 303
    assert tagged(session) == []


def test_the_customers_of_another_business_are_not_among_them(
    tablet: Browser, session: Session, other_business: Business, anns: list[Contact]
) -> None:
    theirs = factories.add_contact(session, other_business, "Ann of theirs")
    address = selecting("/customers/change", anns[0], theirs)
    assert "Change 1 customer</h1>" in tablet.get(address).text
    tablet.submit(address, {"act": "add-tag:VIP"})
    assert tagged(session) == ["Ann 0"]


def test_ours_is_sent_for_those_ticked_that_differ(
    tablet: Browser, session: Session, business: Business, anns: list[Contact]
) -> None:
    kiwi = factories.add_connection(session, business)
    for ann in anns[:3]:
        copy = XeroCopy(values=XeroCopy().values | values_of(ann) | {"phone": "09 555 1234", "name": "Anne"}).to_json()
        ann.phone = "021 555 0002"
        factories.add_link(session, ann, kiwi, copy=copy, copied_at=LONG_AGO, differs=True)
    page = unescape(tablet.get(selecting("/customers/send-ours", anns[1], anns[2], anns[3])).text)
    assert "Send ours to Xero for 2 customers?" in page
    form = form_in(page, "send-all-ours")
    tablet.submit(form.action, form.fields)
    session.rollback()
    assert set(session.scalars(select(Contact.name).where(Contact.revision > 1))) == {"Ann 1", "Ann 2"}
    assert "None of those you selected differs" in tablet.get(selecting("/customers/send-ours", anns[3])).text
