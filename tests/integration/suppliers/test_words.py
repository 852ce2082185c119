"""Every page of a supplier says supplier: what stands there of customers is the sidebar, and what a customer is too."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.domain import gone
from posxero.domain.enums import LinkState
from posxero.domain.erasure import ERASED_NAME
from posxero.domain.refusals import Refusal, RefusalKind
from posxero.services.contacts import contacts
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.push.kinds import contact_reasons as reasons
from tests.support import factories
from tests.support.fakes import RecordingQueue
from tests.support.links_in_trouble import answered_search, copy_of, merge
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

REFUSALS = {
    "name": ["The contact name Ann is already assigned to another contact."],
    "number": ["Another contact has this contact number. Please enter a different contact number."],
    "code": ["Another contact has this account number."],
    "details": ["Email address must be valid."],
    "other": [],
    "words": ["Something else."],
}
CUSTOMER = re.compile(r"customer", re.IGNORECASE)
SIDEBAR = re.compile(r"<nav.*?</nav>|<head>.*?</head>|<script.*?</script>", re.DOTALL)
ATTRIBUTES = re.compile(r"""(?:aria-label|placeholder|title|hx-confirm|alt|data-[a-z-]+)="([^"]*)\"""")


class Suppliers:
    """Suppliers in every state that a link has."""

    def __init__(self, session: Session, business: Business, kiwi: Connection) -> None:
        self.session, self.business, self.kiwi = session, business, kiwi
        self.ids: dict[str, UUID] = {"unlinked": self.add("Unlinked").id}
        for name, columns in self._states():
            self.link(name, **columns)
        survivor = self.link("survivor")
        merge(self.link("merged"), uuid4())
        merge(self.link("doubled"), survivor.xero_id)
        session.commit()
        searched = self.add("Searched", email="s@x.example")
        self.ids["searched"] = searched.id
        session.add(answered_search(searched, survivor))
        session.commit()

    @staticmethod
    def _states() -> Iterator[tuple[str, dict[str, Any]]]:
        yield "synced", {}
        yield "waiting", {"sent_revision": 0}
        for name, complaints in REFUSALS.items():
            yield f"parked {name}", factories.parked(reasons.why(name, complaints)) | {"sent_revision": 0}
        for words in ("BROKEN", "INCOMPLETE", "NO_REASON", "TAKEN"):
            kind = RefusalKind.NUMBER_LINKED if words == "TAKEN" else RefusalKind.OTHER
            yield f"parked {words}", factories.parked(Refusal(getattr(reasons, words), kind)) | {"sent_revision": 0}
        for state in (LinkState.ARCHIVED, LinkState.ERASED, LinkState.MISSING, LinkState.MERGED):
            yield f"gone {state.value}", {"state": state, "reason": gone.REASONS[state]}
        yield "changed", {"differs": True, "copy": copy_of("changed", email="theirs@x.example").to_json()}

    def add(self, name: str, **columns: Any) -> Contact:
        return factories.add_contact(
            self.session, self.business, name, is_customer=False, is_supplier=True, **{"email": "", **columns}
        )

    def link(self, name: str, **columns: Any) -> Link:
        contact = self.add(name)
        self.ids[name] = contact.id
        return factories.add_link(self.session, contact, self.kiwi, **columns)


@pytest.fixture
def suppliers(session: Session, business: Business) -> Suppliers:
    return Suppliers(session, business, factories.add_connection(session, business, grant_id=None))


def words_of(page: str) -> str:
    """Return what a page says, read aloud too, without the sidebar."""
    within = SIDEBAR.sub("", page)
    aloud = " | ".join(ATTRIBUTES.findall(within))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", within) + " | " + aloud).split())


def said_of_customers(page: str) -> list[str]:
    words = words_of(page).replace(ERASED_NAME, "")  # what whoever was erased is called, of whatever kind
    return [words[max(0, found.start() - 50) : found.end() + 30] for found in CUSTOMER.finditer(words)]


def pages_of(app: Flask, suppliers: Suppliers) -> Iterator[str]:
    """Yield every address of the list, and of a supplier in every state."""
    yield from ("/suppliers", "/suppliers?q=zzz", "/suppliers?sync=paused", "/suppliers?q=syn", "/suppliers/new")
    yield "/suppliers/send-ours?sync=changed"
    for rule in app.url_map.iter_rules():
        is_page = rule.endpoint.startswith("suppliers.") and "GET" in (rule.methods or ()) and ".csv" not in rule.rule
        if is_page and rule.arguments == {"contact_id"}:
            yield from (
                rule.rule.replace("<uuid:contact_id>", str(contact_id)) for contact_id in suppliers.ids.values()
            )


@pytest.mark.slow
def test_every_page_says_supplier(
    app: Flask, suppliers: Suppliers, sign_in: Callable[[User], Browser], owner: User, session: Session
) -> None:
    contact = contacts.get(session, suppliers.business.id, suppliers.ids["synced"])
    for code in ("S-1", "S-2"):
        form = ContactSubmission(values={"customer_code": code}, seen=contact.version)
        contacts.save(session, suppliers.business, contact.id, form, by="Sam", now=now(), jobs=RecordingQueue())
    entry_id = session.scalars(
        select(Activity.id).where(Activity.contact_id == contact.id).order_by(Activity.id)
    ).first()
    session.commit()
    olive, seen = sign_in(owner), 0
    for path in (*pages_of(app, suppliers), f"/suppliers/{contact.id}/history/{entry_id}/restore"):
        answer = olive.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            seen += 1
            assert (path, said_of_customers(answer.text)) == (path, [])
    assert seen > len(suppliers.ids) * 4  # show, edit, history, link


def test_what_keeps_a_supplier_from_being_saved_says_supplier(
    suppliers: Suppliers, sign_in: Callable[[User], Browser], staff: User
) -> None:
    suppliers.add("Bo Ltd", customer_code="S-1", email="bo@x.example")
    sam, address = sign_in(staff), f"/suppliers/{suppliers.ids['unlinked']}/edit"
    taken = sam.submit(address, {"version": "1", "customer_code": "S-1"})
    assert taken.status_code == 422
    assert "Bo Ltd already has this supplier code" in taken.text
    known = sam.submit("/suppliers/new", {"name": "Bo", "email": "bo@x.example"})
    nobody = sam.submit("/suppliers/new", {"name": ""})
    conflict = sam.submit(address, {"version": "0", "name": "Other"})
    assert (known.status_code, nobody.status_code, conflict.status_code) == (422, 422, 409)
    for answer in (taken, known, nobody, conflict):
        assert said_of_customers(answer.text) == []


def test_imports_links_and_activity_name_suppliers_too(
    suppliers: Suppliers, sign_in: Callable[[User], Browser], owner: User
) -> None:
    olive = sign_in(owner)
    assert "Import Suppliers" in olive.get("/suppliers").text
    page = olive.get("/imports/new?kind=supplier").text
    assert "From a file (CSV)" not in page, "a file adds customers"
    assert "Every supplier in Xero becomes a supplier here" in page
    assert re.search(r'name="suppliers"[^>]*checked', page)
    assert re.search(r'href="/suppliers"\s+aria-current="page"', page)
    assert not re.search(r'name="suppliers"[^>]*checked', olive.get("/imports/new").text)
    assert "Unlink 1 supplier from Xero?" in olive.get("/sync/links/cure?cause=erased&cure=unlink").text
    listed = olive.get("/sync/links?cause=erased").text
    assert f"/suppliers/{suppliers.ids['gone erased']}" in listed
