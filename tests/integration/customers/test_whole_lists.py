"""What is done with a whole list: changed at once, archived with undo, saved under a name; and a scanned code."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.domain.enums import ActivityKind
from posxero.domain.kinds import ContactKind
from posxero.domain.labels import LabelKind
from posxero.services.contacts.lists import bulk_change, saved_filters
from tests.support import factories
from tests.support.browser import form_of
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

RENAME_VIP = r'(/settings/labels/[^/"]+)">Rename<span class="visually-hidden"> VIP'
UNDO = re.compile(r'action="(/customers/undo[^"]*)"')


@pytest.fixture
def tablet(sign_in: SignIn, manager: User) -> Browser:
    return sign_in(manager)


@pytest.fixture
def stocked(session: Session, business: Business) -> Business:
    factories.add_label(session, business, LabelKind.TAG, "VIP")
    factories.add_label(session, business, LabelKind.GROUP, "Trade")
    for number in range(5):
        factories.add_contact(session, business, f"Ann {number}")
    factories.add_contact(session, business, "Bob")
    return business


def confirm(browser: Browser, address: str, **typed: str) -> str:
    """Choose what to do with a list, and press the button until all is done."""
    page = browser.get(address).text
    while 'id="change-all"' in page:
        main = page[page.index('id="change-all"') :]
        form = form_of(main[: main.index("</form>")])
        page = browser.submit(form.action, {**typed, **form.fields}, follow_redirects=True).text
    return unescape(page)


def found(session: Session, **columns: object) -> list[str]:
    session.rollback()
    conditions = [getattr(Contact, key) == value for key, value in columns.items()]
    return list(session.scalars(select(Contact.name).where(*conditions).order_by(Contact.name)))


@pytest.mark.usefixtures("stocked")
def test_a_list_gets_a_tag_and_a_group_and_loses_them(
    session: Session, tablet: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_change, "STEP", 2)
    monkeypatch.setattr(bulk_change, "STEPS", 1)
    address = "/customers/change?q=ann"
    page = unescape(tablet.get(address).text)
    assert "Change 5 customers</h1>" in page
    assert "matching “ann”" in page
    refused = tablet.submit(address, {"act": "add-tag:Loud"})
    assert (refused.status_code, "Choose what to do" in refused.text) == (422, True)
    assert "Tag VIP added to 5 customers." in confirm(tablet, address, act="add-tag:VIP")
    assert found(session, tags="|VIP|", version=2) == [f"Ann {number}" for number in range(5)]
    assert "Group set for 5 customers." in confirm(tablet, "/customers/change?tag=VIP", act="set-group:Trade")
    assert found(session, customer_group="Trade") == found(session, tags="|VIP|")
    assert "Tag VIP removed from 5 customers." in confirm(tablet, "/customers/change?tag=VIP", act="remove-tag:VIP")
    assert "Group set for 5 customers." in confirm(tablet, "/customers/change?group=Trade", act="set-group:")
    assert len(found(session, customer_group="", tags="")) == 6
    entries = session.scalars(select(Activity).where(Activity.actor == "Mana")).all()
    assert len(entries) == 20
    assert entries[0].changes == [["tags", "", "VIP"]]


@pytest.mark.usefixtures("stocked")
def test_a_list_is_archived_restored_and_both_undone(session: Session, tablet: Browser) -> None:
    said = confirm(tablet, "/customers/change?q=ann", act="archive")
    assert "5 customers archived here. Nothing changed in Xero." in said
    assert found(session, archived_at=None) == ["Bob"]
    (undo,) = UNDO.findall(said)
    assert "5 customers restored." in unescape(tablet.submit(undo, follow_redirects=True).text)
    assert len(found(session, archived_at=None)) == 6
    assert "0 customers restored." in unescape(tablet.submit(undo, follow_redirects=True).text)
    confirm(tablet, "/customers/change?q=bob", act="archive")
    said = confirm(tablet, "/customers/change?sync=archived", act="restore")
    (undo,) = UNDO.findall(said)
    assert "1 customer archived again." in unescape(tablet.submit(undo, follow_redirects=True).text)
    assert "Bob" not in found(session, archived_at=None)
    for wrong in ("", "?act=archive&at=yesterday", "?act=erase&at=2026-01-01"):
        assert tablet.submit(f"/customers/undo{wrong}").status_code == 303
    kinds = [ActivityKind.ARCHIVED, ActivityKind.RESTORED]
    assert len(session.scalars(select(Activity.id).where(Activity.kind.in_(kinds))).all()) == 13


@pytest.mark.usefixtures("stocked")
def test_a_row_is_archived_where_it_stands(session: Session, tablet: Browser, sign_in: SignIn, staff: User) -> None:
    page = unescape(tablet.get("/customers?q=ann&sort=newest").text)
    (archive,) = re.findall(r'formaction="([^"]*/archive[^"]*)"', page)[:1]
    answer = tablet.submit(archive, {"row": "1"})
    assert answer.location == "/customers?q=ann&sort=newest"
    said = unescape(tablet.get(answer.location).text)
    assert "Ann 4 archived here." in said
    assert "4 customers matching" in said
    tablet.submit(UNDO.findall(said)[0])
    assert len(found(session, archived_at=None)) == 6
    assert "formaction" not in sign_in(staff).get("/customers").text
    assert sign_in(staff).get("/customers/change").status_code == 403


@pytest.mark.usefixtures("stocked")
def test_a_filter_is_saved_under_a_name_for_everybody(
    session: Session, business: Business, tablet: Browser, sign_in: SignIn, staff: User
) -> None:
    confirm(tablet, "/customers/change?q=ann", act="add-tag:VIP")
    shown = unescape(tablet.get("/customers?tag=VIP&sort=newest").text)
    assert 'href="/customers/filters/new?tag=VIP&sort=newest">Save this filter' in shown
    address = "/customers/filters/new?tag=VIP&sort=newest"
    assert "Enter a name" in tablet.submit(address, {"name": " "}).text
    assert tablet.submit(address, {"name": "Best customers"}).location == "/customers?tag=VIP&sort=newest"
    assert "There is a saved filter best customers already" in tablet.submit(address, {"name": "best customers"}).text
    link = '<a href="/customers?tag=VIP&sort=newest">Best customers</a>'
    assert link in unescape(sign_in(staff).get("/customers").text)
    assert sign_in(staff).get("/customers/filters").status_code == 403
    tag = '<a href="/customers?tag=Gold&sort=newest">Best customers</a>'
    (label,) = re.findall(RENAME_VIP, tablet.get("/settings/labels").text)
    tablet.submit(label, {"name": "Gold"})
    assert tag in unescape(tablet.get("/customers").text)
    session.rollback()
    (saved,) = saved_filters.list_filters(session, business.id, ContactKind.CUSTOMER)
    path = f"/customers/filters/{saved.id}"
    assert "Filter renamed to Gold list." in tablet.submit(path, {"name": "Gold list"}, follow_redirects=True).text
    assert "Filter Gold list deleted." in tablet.submit(f"{path}/delete", follow_redirects=True).text
    assert "Saved filters" not in tablet.get("/customers").text


def test_names_and_searches_that_no_database_holds_are_saved_without_that(
    session: Session, business: Business, tablet: Browser
) -> None:
    address = "/customers/filters/new?q=ann%00%20%ED%A0%80&group=%00&selected=1"
    assert tablet.submit(address, {"name": "Best\0 customers"}).status_code == 303
    session.rollback()
    (saved,) = saved_filters.list_filters(session, business.id, ContactKind.CUSTOMER)
    assert (saved.name, saved.params["q"][:3], "\0" in str(saved.params)) == ("Best customers", "ann", False)
    assert saved.params.keys() == {"q"}
    assert tablet.submit("/settings/labels", {"kind": "tag", "name": "V\0IP"}).status_code in {303, 422}
    assert tablet.submit("/customers/change?q=%00&tag=%00", {"act": "add-tag:\0"}).status_code == 422


def test_a_scanned_code_opens_its_customer_whatever_the_filter(
    session: Session, business: Business, tablet: Browser
) -> None:
    ann = factories.add_contact(session, business, "Ann", customer_code="0042900001")
    gone = factories.add_contact(session, business, "Gone", customer_code="0042900002", archived_at=LONG_AGO)
    factories.add_contact(session, business, "Bob", customer_code="00429000011")
    shown = tablet.get("/customers?q=0042900001&open=1&sync=failed&tag=VIP")
    assert shown.location.split("?")[0] == f"/customers/{ann.id}"
    assert tablet.get("/customers?q=0042900002&open=1").location == f"/customers/{gone.id}"
    assert tablet.get("/sales/new?q=0042900001&open=1").location == f"/customers/{ann.id}/sales/new"
    assert tablet.get("/sales/new?q=0042900002&open=1").status_code == 200
    for typed in ("", "00429", "0042900001"):
        assert tablet.get(f"/customers?q={typed}").status_code == 200
    assert tablet.get("/customers?q=&open=1").status_code == 200
