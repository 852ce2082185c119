"""Drafts: what is kept of a form that was not saved, for whom, how long, and what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from posxero.db.business import UserSession
from posxero.db.draft import Draft
from posxero.services import sweep
from tests.support import factories
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from posxero.settings import Settings
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]
    Count = Callable[[], AbstractContextManager[list[str]]]

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
STARTED = re.compile(r"You started editing this at \d+:\d\d [ap]m")


@pytest.fixture
def sam(sign_in: SignIn, staff: User) -> Browser:
    """Sam's browser."""
    return sign_in(staff)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@x.example", street_line1="1 Queen\nStreet")


def keep(browser: Browser, path: str, **fields: str) -> TestResponse:
    """Send a draft as the page does."""
    return browser.submit(f"{path}/draft", {"version": "1", "idempotency_key": "one", **fields}, headers=HTMX)


def kept(session: Session) -> list[Draft]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Draft).order_by(Draft.id)))


def test_a_draft_costs_one_small_statement(
    sam: Browser, session: Session, ann: Contact, count_statements: Count
) -> None:
    path = f"/customers/{ann.id}"
    keep(sam, path, email="a@x.example")
    session.commit()
    with count_statements() as statements:
        assert keep(sam, path, email="an@x.example").status_code == 204
    asked = [one for one in statements if not one.startswith("BEGIN")]
    reads = [one for one in asked if one.startswith("SELECT")]
    writes = [one for one in asked if not one.startswith("SELECT")]
    assert len(reads) <= 2, "who it is, and on PostgreSQL what time it is"
    assert [one.split(" (")[0] for one in writes] == ["INSERT INTO draft"]
    assert [draft.fields for draft in kept(session)] == [{"email": "an@x.example"}]


def test_a_draft_does_not_keep_the_sign_in_from_going_idle(sam: Browser, session: Session, ann: Contact) -> None:
    before = datetime.now(UTC) - timedelta(minutes=10)
    session.execute(update(UserSession).values(active_at=before))
    session.commit()
    keep(sam, f"/customers/{ann.id}", email="a@x.example")
    session.rollback()
    assert session.scalars(select(UserSession.active_at)).one() == before


def test_a_draft_is_offered_continued_and_gone_after_the_save(sam: Browser, session: Session, ann: Contact) -> None:
    path = f"/customers/{ann.id}"
    assert 'id="contact-form"' in sam.get(f"{path}/edit").text
    keep(sam, path, name="Ann Smith", email="new@x.example", street_line1="1 Queen Street", role="owner")
    assert "role" not in kept(session)[0].fields
    offered = sam.get(f"{path}/edit").text
    assert STARTED.search(offered)
    assert "<del>ann@x.example</del> → <ins>new@x.example</ins>" in offered
    assert "1 Queen" not in offered, "it was not changed"
    assert 'id="contact-form"' not in offered, "typing into the form would replace the draft"
    form = sam.get(f"{path}/edit?draft=continue").text
    assert 'value="new@x.example"' in form
    assert "data-dirty" in form
    assert 'name="idempotency_key" value="one"' in form
    assert (
        sam.submit(f"{path}/edit", {"version": "1", "idempotency_key": "one", "email": "new@x.example"}).status_code
        == 303
    )
    assert kept(session) == []


def test_a_save_leaves_the_draft_of_another_tab(sam: Browser, session: Session, ann: Contact) -> None:
    path = f"/customers/{ann.id}"
    keep(sam, path, email="tab2@x.example", idempotency_key="two")
    sam.submit(f"{path}/edit", {"version": "1", "idempotency_key": "one", "email": "tab1@x.example"})
    assert [draft.idempotency_key for draft in kept(session)] == ["two"]
    offered = sam.get(f"{path}/edit").text
    assert "<del>tab1@x.example</del> → <ins>tab2@x.example</ins>" in offered
    assert "Changed since then" in offered


def test_a_draft_whose_changes_were_saved_is_not_offered(sam: Browser, ann: Contact) -> None:
    path = f"/customers/{ann.id}"
    sam.submit(f"{path}/edit", {"version": "1", "idempotency_key": "one", "email": "new@x.example"})
    keep(sam, path, email="new@x.example")  # it was under way while the form was saved
    assert 'id="contact-form"' in sam.get(f"{path}/edit").text
    answer = sam.submit("/customers/new", {"name": "Zoe", "idempotency_key": "zoe"})
    sam.submit("/customers/new/draft", {"name": "Zo", "idempotency_key": "zoe"}, headers=HTMX)
    assert 'id="contact-form"' in sam.get("/customers/new").text
    assert answer.status_code == 303


def test_what_others_saved_since_is_kept_and_only_a_true_conflict_asks(
    sam: Browser, sign_in: SignIn, manager: User, session: Session, ann: Contact
) -> None:
    path = f"/customers/{ann.id}"
    keep(sam, path, name="Ann Smith", email="mine@x.example", mobile="")
    mana = sign_in(manager)
    assert "You started" not in mana.get(f"{path}/edit").text
    mana.submit(f"{path}/edit", {"version": "1", "mobile": "021 1"})
    offered = sam.get(f"{path}/edit").text
    assert "Mana at " in offered
    assert "Mobile empty → <ins>021 1</ins>" in offered
    form = sam.get(f"{path}/edit?draft=continue").text
    assert 'value="021 1"' in form
    assert 'name="version" value="2"' in form
    mana.submit(f"{path}/edit", {"version": "2", "email": "theirs@x.example"})
    form = sam.get(f"{path}/edit?draft=continue").text
    assert 'name="version" value="1"' in form
    answer = sam.submit(f"{path}/edit", {"version": "1", "email": "mine@x.example", "mobile": "021 1"})
    assert answer.status_code == 409
    assert "theirs@x.example" in answer.text
    assert [draft.fields["email"] for draft in kept(session)] == ["mine@x.example"]


def test_discarding_deletes_only_the_persons_own_draft(
    sam: Browser, sign_in: SignIn, manager: User, session: Session, ann: Contact
) -> None:
    path, mana = f"/customers/{ann.id}", sign_in(manager)
    keep(sam, path, email="sam@x.example")
    keep(mana, path, email="mana@x.example")
    answer = sam.submit(f"{path}/draft/discard", {"idempotency_key": "one"})
    assert answer.location == f"{path}/edit"
    assert [draft.fields["email"] for draft in kept(session)] == ["mana@x.example"]
    assert "ann@x.example" in sam.get(answer.location).text


def test_a_new_customer_and_a_new_supplier_have_one_draft_each(sam: Browser, session: Session) -> None:
    for name in ("Z", "Zoe"):
        sam.submit("/customers/new/draft", {"name": name, "idempotency_key": name}, headers=HTMX)
    sam.submit("/suppliers/new/draft", {"name": "Mill"}, headers=HTMX)
    assert [(draft.kind, draft.fields["name"]) for draft in kept(session)] == [
        ("customer", "Zoe"),
        ("supplier", "Mill"),
    ]
    assert "You started a new customer at" in sam.get("/customers/new").text
    assert 'value="Zoe"' in sam.get("/customers/new?draft=continue").text
    assert sam.submit("/customers/new", {"name": "Zoe", "idempotency_key": "Zoe"}).status_code == 303
    assert [draft.kind for draft in kept(session)] == ["supplier"]
    sam.submit("/suppliers/new/draft/discard")
    assert kept(session) == []


def test_a_draft_is_kept_for_seven_days(sam: Browser, session: Session, ann: Contact, settings: Settings) -> None:
    path = f"/customers/{ann.id}"
    keep(sam, path, email="new@x.example")
    days = kept(session)[0].saved_at - timedelta(days=6, hours=23)
    session.execute(update(Draft).values(saved_at=days, started_at=days))
    session.commit()
    assert re.search(r"at \d+:\d\d [ap]m on \w+day", sam.get(f"{path}/edit").text)
    sweep.run(session, RecordingQueue(), settings.timings, now=datetime.now(UTC))
    assert len(kept(session)) == 1
    session.execute(update(Draft).values(saved_at=days - timedelta(hours=2)))
    session.commit()
    assert 'id="contact-form"' in sam.get(f"{path}/edit").text
    sweep.run(session, RecordingQueue(), settings.timings, now=datetime.now(UTC))
    assert kept(session) == []


def test_a_draft_has_bounds(sam: Browser, session: Session, business: Business, ann: Contact) -> None:
    assert keep(sam, f"/customers/{ann.id}", notes="é" * (32 * 1024 + 1)).status_code == 413
    assert keep(sam, f"/customers/{ann.id}", role="owner").status_code == 204
    assert kept(session) == []
    others = [factories.add_contact(session, business, f"Customer {number}") for number in range(11)]
    for number, contact in enumerate(others):
        keep(sam, f"/customers/{contact.id}", email=f"{number}@x.example")
    assert [draft.fields["email"] for draft in kept(session)] == [f"{number}@x.example" for number in range(1, 11)]


def test_a_customer_of_another_shop_has_no_draft_here(
    sam: Browser, session: Session, sign_in: SignIn, stranger: User, ann: Contact
) -> None:
    nora = sign_in(stranger)
    assert keep(nora, f"/customers/{ann.id}", email="nora@x.example").status_code == 404
    assert kept(session) == []
    assert sam.submit(f"/customers/{ann.id}/draft", {"email": "a@x.example"}).location == f"/customers/{ann.id}/edit"
