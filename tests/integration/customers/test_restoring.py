"""Restoring an earlier version of a customer: an edit of its own, with every answer that a save has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from posxero.services.contacts import contacts
from posxero.services.contacts.submissions import ContactSubmission
from tests.support import factories
from tests.support.browser import form_of
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

FIRST_SAVE = datetime(2026, 11, 12, 9, 41, tzinfo=UTC)  # 10:41 pm in Auckland
SAID = "Restored the version of 12 Nov 2026, 10:41 pm"
OLD = {"email": "old@x.example", "notes": "Line 1\nLine 2", "customer_code": "A-1", "birthday": "1990-05-24"}
NEW = {"email": "new@x.example", "notes": "", "customer_code": "A-2", "birthday": "", "phone": "03 1"}


class Till:
    """Sam's browser, Ann who was saved twice, and what is saved of her."""

    def __init__(self, session: Session, business: Business, browser: Browser, ann: Contact) -> None:
        self.session, self.business, self.browser, self.ann = session, business, browser, ann
        for minutes, values in enumerate((OLD, NEW)):
            self.save("Mana", FIRST_SAVE + timedelta(minutes=minutes), **values)

    def save(self, by: str, now: datetime, **values: str) -> None:
        form = ContactSubmission(values=values, seen=self.ann.version)
        contacts.save(self.session, self.business, self.ann.id, form, by=by, now=now, jobs=RecordingQueue())

    def read_again(self) -> None:
        self.session.rollback()
        self.session.expire_all()

    def entries(self) -> list[Activity]:
        self.read_again()
        return list(self.session.scalars(select(Activity).order_by(Activity.id)))

    def address(self, number: int = 0) -> str:
        """The page that restores the version of an entry; 0 is the first save."""
        return f"/customers/{self.ann.id}/history/{self.entries()[number].id}/restore"

    def form(self, number: int = 0) -> dict[str, str]:
        return fields_of(self.browser.get(self.address(number)).text)


def fields_of(page: str) -> dict[str, str]:
    """Read the form that saves."""
    return form_of(page[page.index('<input type="hidden" name="version"') :].split("</form>", maxsplit=1)[0]).fields


@pytest.fixture
def till(session: Session, business: Business, sign_in: Callable[[User], Browser], staff: User) -> Till:
    ann = factories.add_contact(session, business, email="first@x.example")
    return Till(session, business, sign_in(staff), ann)


def test_the_page_shows_what_would_change(till: Till) -> None:
    page = till.browser.get(till.address())
    text = unescape(page.text)
    assert "Restore the version of 12 Nov 2026, 10:41 pm" in text
    assert "Mana · Edited" in text
    for said in ("new@x.example", "old@x.example", "A-1", "24 May 1990", "Line 2"):
        assert said in text, said
    assert "in Xero is updated too" not in text
    assert till.ann.version == 3


def test_restoring_is_an_edit_of_its_own(till: Till) -> None:
    answer = till.browser.submit(f"/customers/{till.ann.id}/edit", till.form())
    assert (answer.status_code, answer.location) == (303, f"/customers/{till.ann.id}")
    last = till.entries()[-1]
    assert {key: contacts.values_of(till.ann)[key] for key in OLD} == OLD
    assert (till.ann.phone, till.ann.version, till.ann.revision) == ("", 4, 4)
    assert (last.kind, last.note, last.actor, last.revision) == (ActivityKind.VERSION_RESTORED, SAID, "Sam", 4)
    assert ["customer_code", "A-2", "A-1"] in last.changes
    text = till.browser.get(f"/customers/{till.ann.id}/history?what=changes").text
    assert f"Sam · {SAID}" in text
    assert len(till.entries()) == 3


def test_a_restored_version_can_be_restored_away_again(till: Till) -> None:
    till.browser.submit(f"/customers/{till.ann.id}/edit", till.form())
    till.browser.submit(f"/customers/{till.ann.id}/edit", till.form(1))
    till.read_again()
    assert {key: contacts.values_of(till.ann)[key] for key in NEW} == NEW


def test_somebody_saved_meanwhile(till: Till) -> None:
    form = till.form()
    till.save("Olive", FIRST_SAVE + timedelta(hours=1), email="olive@x.example")
    answer = till.browser.submit(f"/customers/{till.ann.id}/edit", form)
    assert answer.status_code == 409
    assert "Someone else changed this customer" in answer.text
    assert "olive@x.example" in answer.text
    assert "old@x.example" in answer.text
    again = fields_of(answer.text) | {"keep_email": "yours"}
    assert till.browser.submit(f"/customers/{till.ann.id}/edit", again).status_code == 303
    last = till.entries()[-1]
    assert (last.note, till.ann.email, till.ann.customer_code) == (SAID, "old@x.example", "A-1")


def test_a_code_that_is_taken_meanwhile_is_a_choice(till: Till) -> None:
    factories.add_contact(till.session, till.business, "Bo", customer_code="A-1")
    edit, form = f"/customers/{till.ann.id}/edit", till.form()
    asked = till.browser.submit(edit, form)
    assert asked.status_code == 409
    assert "Bo has the customer code A-1 now" in asked.text
    assert "old@x.example" in asked.text
    assert (till.ann.version, len(till.entries())) == (3, 2)
    nothing = {key: value for key, value in fields_of(asked.text).items() if key != "keep_customer_code"}
    unchosen = till.browser.submit(edit, nothing)
    assert unchosen.status_code == 409
    assert "Choose which Customer code to keep" in unchosen.text
    assert till.browser.submit(edit, fields_of(unchosen.text) | {"keep_customer_code": "saved"}).status_code == 303
    last = till.entries()[-1]
    assert (last.note, till.ann.email, till.ann.customer_code) == (SAID, "old@x.example", "A-2")


def test_another_code_may_be_typed_for_one_that_is_taken_meanwhile(till: Till) -> None:
    factories.add_contact(till.session, till.business, "Bo", customer_code="A-1")
    edit = f"/customers/{till.ann.id}/edit"
    asked = till.browser.submit(edit, till.form())
    typing = till.browser.submit(edit, fields_of(asked.text) | {"keep_customer_code": "yours"})
    saved = till.browser.submit(edit, {"version": "3", "customer_code": "A-1"})
    said = "Bo already has this customer code"
    assert typing.status_code == saved.status_code == 422  # as somebody who typed the code is answered
    assert said in typing.text
    assert said in saved.text
    again = fields_of(typing.text)
    assert (again["email"], again["customer_code"]) == ("old@x.example", "A-1")
    again["customer_code"] = "A-3"
    assert till.browser.submit(edit, again).status_code == 303
    last = till.entries()[-1]
    assert (last.note, till.ann.email, till.ann.customer_code) == (SAID, "old@x.example", "A-3")


def test_a_code_that_is_taken_and_a_save_meanwhile_are_both_asked_about(till: Till) -> None:
    edit, form = f"/customers/{till.ann.id}/edit", till.form()
    factories.add_contact(till.session, till.business, "Bo", customer_code="A-1")
    till.save("Olive", FIRST_SAVE + timedelta(hours=1), email="olive@x.example", customer_code="A-4")
    conflict = till.browser.submit(edit, form)
    assert (conflict.status_code, "Someone else changed this customer" in conflict.text) == (409, True)
    chosen = {"keep_email": "yours", "keep_customer_code": "saved"}
    assert till.browser.submit(edit, fields_of(conflict.text) | chosen).status_code == 303
    till.read_again()
    assert (till.ann.email, till.ann.customer_code) == ("old@x.example", "A-4")


def test_a_value_that_the_rules_refuse_is_marked_in_the_form(till: Till) -> None:
    with writing(till.session):
        till.session.refresh(till.ann)
        till.ann.version += 1
        changes = {"email": ("no email", "x@x.example")}
        activity.record(till.session, till.ann, ActivityKind.LINKED, by="", now=FIRST_SAVE, changes=changes)
        till.ann.email = "x@x.example"
    answer = till.browser.submit(f"/customers/{till.ann.id}/edit", till.form(1))
    assert answer.status_code == 422
    assert 'value="no email"' in answer.text


def test_the_current_version_has_nothing_to_restore(till: Till) -> None:
    assert "Ann Smith has the same details now." in till.browser.get(till.address(1)).text
    text = till.browser.get(f"/customers/{till.ann.id}/history").text
    assert text.count("Restore this version") == 1
    assert till.address(1) not in text


def test_a_version_is_unknown_when_later_details_are_gone(till: Till) -> None:
    with writing(till.session):
        activity.erase_payloads(till.session, till.business.id, till.ann.id)
    text = till.browser.get(till.address()).text
    assert "This version can't be restored. Details are no longer kept." in text
    assert "Restore this version</button>" not in text
    assert till.browser.get(till.address(1)).status_code == 200


def test_only_what_saved_a_version_can_be_restored(
    till: Till, sign_in: Callable[[User], Browser], bookkeeper: User, business: Business
) -> None:
    other = factories.add_contact(till.session, business, "Bo")
    with writing(till.session):
        activity.record(till.session, till.ann, ActivityKind.ARCHIVED, by="Sam", now=FIRST_SAVE)
    assert till.browser.get(till.address(2)).status_code == 404
    assert till.browser.get(till.address().replace(str(till.ann.id), str(other.id))).status_code == 404
    assert sign_in(bookkeeper).get(till.address()).status_code == 403
    assert "Restore this version" not in sign_in(bookkeeper).get(f"/customers/{till.ann.id}/history").text


def test_what_names_no_version_is_an_edit(till: Till) -> None:
    for restores in ("nonsense", str(till.ann.id)):
        till.read_again()
        form = {"version": str(till.ann.version), "email": f"{restores}@x.example", "restores": restores}
        assert till.browser.submit(f"/customers/{till.ann.id}/edit", form).status_code == 303
        assert till.entries()[-1].kind is ActivityKind.EDITED


def test_a_linked_customer_is_owed_to_xero(till: Till) -> None:
    link = factories.add_link(till.session, till.ann, factories.add_connection(till.session, till.business))
    text = till.browser.get(till.address()).text
    assert "Kiwi Ltd in Xero is updated too." in text
    till.browser.submit(f"/customers/{till.ann.id}/edit", till.form())
    till.read_again()
    assert link.owed_revision == link.sent_revision + 1
