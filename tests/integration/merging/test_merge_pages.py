"""Merging in the browser: comparing, choosing, the way from the old address, and undoing."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.merge import ContactMerge
from posxero.db.sale import Sale
from tests.support import factories, merges, sales
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture
def browser(sign_in: SignIn, manager: User) -> Browser:
    """A manager's, signed in."""
    return sign_in(manager)


def form_of(survivor: Contact, loser: Contact, **more: str) -> dict[str, str]:
    versions = {"version": str(survivor.version), "other_version": str(loser.version)}
    return {"other": str(loser.id), **versions, **more}


def merge_page(survivor: Contact) -> str:
    return f"/customers/{survivor.id}/merge"


def test_both_are_shown_and_the_chosen_values_are_kept(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    sales.charge(session, business, twin)
    session.expire_all()
    page = unescape(browser.get(f"{merge_page(ana)}?other={twin.id}").text)
    for words in ("Merge Anna Read into Ana Reid", "1 High St\nNapier", "2 Low Rd", "021 555 0002", "tick Anna Read"):
        assert words in page
    assert page.index("ana@x.example") < page.index("ana@work.example")
    form = form_of(ana, twin, keep_email="theirs", keep_name="ours")
    answer = browser.submit(merge_page(ana), form, follow_redirects=True)
    assert "Merged into Ana Reid. You can undo this for 30 days." in answer.text
    assert "Xero still has Anna Read as a separate contact." in answer.text
    session.rollback()
    session.expire_all()
    assert (ana.email, ana.name, session.scalar(select(Sale.contact_id))) == ("ana@work.example", "Ana Reid", ana.id)
    history = browser.get(f"/customers/{ana.id}/history").text
    assert "POS-0001" in history
    assert "Of Anna Read, since merged" in history
    assert "Anna Read" not in browser.get("/customers").text


def test_phones_are_written_as_on_the_pages_of_customers(
    session: Session, browser: Browser, ana: Contact, twin: Contact
) -> None:
    with writing(session):
        ana.phone, twin.phone, twin.mobile = "64 7 555 6404", "64 7 555 6405", "64 21 555 0002"
    page = browser.get(f"{merge_page(ana)}?other={twin.id}").text
    for phone in (ana.phone, twin.phone, twin.mobile):
        assert phone not in page
    for contact in (ana, twin):
        shown = re.findall(r'href="tel:[^"]*">([^<]+)<', browser.get(f"/customers/{contact.id}").text)
        assert shown
        assert all(one in page for one in shown)


def test_an_old_address_leads_to_the_survivor(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ana, twin)
    answer = browser.get(f"/customers/{twin.id}?q=ann", follow_redirects=True)
    assert answer.request.path == f"/customers/{ana.id}"
    assert "Anna Read was merged into this customer." in answer.text
    archived = browser.submit(f"/customers/{twin.id}/archive", {}, follow_redirects=True)
    assert "Anna Read was merged into this customer meanwhile. Nothing was changed." in archived.text
    assert ana.archived_at is None


def test_an_old_address_of_a_supplier_says_supplier(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    ana.is_supplier = twin.is_supplier = True
    merges.merge_into(session, business, ana, twin)
    answer = browser.get(f"/suppliers/{twin.id}", follow_redirects=True)
    assert "Anna Read was merged into this supplier." in answer.text
    changed = browser.submit(f"/suppliers/{twin.id}/archive", {}, follow_redirects=True)
    assert "Anna Read was merged into this supplier meanwhile. Nothing was changed." in changed.text


def test_a_form_that_was_open_meanwhile_is_compared_with_the_survivor(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ana, twin)
    typed = {"name": "Anna Read", "email": "new@x.example", "version": "1"}
    answer = browser.submit(f"/customers/{twin.id}/edit", typed)
    assert answer.status_code == 409
    assert "new@x.example" in answer.text
    assert f"/customers/{ana.id}/edit" in answer.text
    session.rollback()
    session.expire_all()
    assert ana.email == "ana@x.example"


def test_a_sale_that_was_being_typed_is_kept_for_the_survivor(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ana, twin)
    form = {"description-0": "Socks", "price-0": "34", "sold_on": "2026-11-26", "idempotency_key": "k" * 32}
    answer = browser.submit(f"/customers/{twin.id}/sales/new", form)
    assert answer.status_code == 422
    assert "Anna Read was merged into Ana Reid." in answer.text
    assert f'formaction="/customers/{ana.id}/sales/new">Continue with Ana Reid' in answer.text


def test_refusals_say_what_to_do(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    stale = browser.submit(merge_page(ana), form_of(ana, twin, keep_email="theirs") | {"version": "9"})
    assert (stale.status_code, "Somebody saved Ana Reid after you opened this page" in stale.text) == (409, True)
    assert 'id="email-theirs" value="theirs" aria-describedby="email-theirs-of" checked' in " ".join(stale.text.split())
    link = session.scalars(select(Link).where(Link.contact_id == ana.id)).one()
    link.copy = {**link.copy, "values": {**link.copy["values"], "fax": "09 555 0000"}}
    session.commit()
    asked = browser.submit(merge_page(ana), form_of(ana, twin))
    assert (asked.status_code, "Fill them in here and merge" in asked.text) == (422, True)
    same = browser.get(f"{merge_page(ana)}?other={ana.id}", follow_redirects=True)
    assert "Choose another customer" in same.text
    merges.merge_into(session, business, ana, twin)
    again = browser.submit(merge_page(ana), form_of(ana, twin), follow_redirects=True)
    assert "Anna Read was already merged into another customer." in again.text


def test_the_other_one_is_looked_for(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    details: dict[str, Any] = {"mobile": "021 555 0002"}
    factories.add_contact(session, business, "Nora", **details)
    assert "Nora" in browser.get(merge_page(twin)).text
    found = browser.get(f"{merge_page(ana)}?find=anna").text
    assert f"other={twin.id}" in found
    assert f"other={ana.id}" not in found


def test_undo_brings_the_other_one_back(
    session: Session, business: Business, browser: Browser, ana: Contact, twin: Contact
) -> None:
    merged = merges.merge_into(session, business, ana, twin)
    address = f"/customers/{ana.id}/merges/{merged.id}/undo"
    back = browser.submit(address, {}, follow_redirects=True)
    assert back.request.path == f"/customers/{twin.id}"
    assert "Merge undone. Anna Read is a separate customer again." in back.text
    assert "This merge was undone already." in browser.submit(address, {}, follow_redirects=True).text


@pytest.mark.parametrize("survivor_has_link", [True, False])
def test_an_invoice_that_stays_with_the_survivor_is_named_before_the_undo_and_in_history(
    session: Session,
    business: Business,
    browser: Browser,
    ana: Contact,
    twin: Contact,
    survivor_has_link: bool,  # noqa: FBT001 - of a parameter
) -> None:
    if not survivor_has_link:  # its contact of Xero comes with the other one, and goes back
        with writing(session):
            session.delete(session.scalars(select(Link).where(Link.contact_id == ana.id)).one())
    earlier, later = (sales.charge(session, business, twin) for _ in range(2))
    with writing(session):
        earlier.xero_id, earlier.sent_at = new_id(), now()
    merged = merges.merge_into(session, business, ana, twin)
    own = sales.charge(session, business, ana)
    with writing(session):
        for sale in (later, own):
            sale.xero_id, sale.sent_at, sale.creation_key = new_id(), now(), ""
    address = f"/customers/{ana.id}/merges/{merged.id}/undo"
    asked = " ".join(unescape(browser.get(address).text).split())
    assert "Undo the merge of Anna Read?" in asked
    words = f"{later.number} went to Xero as an invoice to Ana Reid and stays with that contact there."
    assert (words in asked) is survivor_has_link
    assert own.number not in asked
    browser.submit(address, {})
    assert browser.get(address).status_code == 404
    for contact in (ana, twin):
        assert (words in unescape(browser.get(f"/customers/{contact.id}/history").text)) is survivor_has_link


def test_only_managers_merge(sign_in: SignIn, staff: User, session: Session, ana: Contact, twin: Contact) -> None:
    browser = sign_in(staff)
    assert browser.get(f"{merge_page(ana)}?other={twin.id}").status_code == 403
    assert browser.submit(merge_page(ana), form_of(ana, twin)).status_code == 403
    assert "Merge with another" not in browser.get(f"/customers/{ana.id}").text
    assert session.scalars(select(ContactMerge)).all() == []
