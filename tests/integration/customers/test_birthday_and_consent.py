"""Birthday and Marketing consent: fields that are not text, and never leave Retail POS."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest

from posxero.domain.fields import MAPPED_KEYS
from posxero.domain.kinds import ContactKind
from posxero.services.contacts import contacts, creation
from posxero.services.contacts.rules import InvalidContact
from posxero.services.contacts.submissions import ContactSubmission, SaveResult
from tests.support import factories
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # the 24th in New Zealand
LATER = NOW + timedelta(days=30)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    business.timezone, business.country = "Pacific/Auckland", "NZ"
    return factories.add_contact(session, business, email="ann@x.example")


@pytest.fixture
def tablet(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    """Sam's, signed in."""
    return sign_in(staff)


@pytest.fixture
def heard() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def save(session: Session, business: Business, ann: Contact, heard: RecordingQueue) -> Callable[..., SaveResult]:
    def act(by: str, *, now: datetime = NOW, **values: str) -> SaveResult:
        form = ContactSubmission(values=values, seen=ann.version)
        return contacts.save(session, business, ann.id, form, by=by, now=now, jobs=heard)

    return act


def test_both_are_stored_as_what_they_are_and_xero_hears_nothing(
    ann: Contact, save: Callable[..., SaveResult], heard: RecordingQueue
) -> None:
    saved = save("Mia", birthday="1990-12-31", marketing_consent="yes")
    assert (saved.changed, saved.owed, heard.pushes) == (True, False, [])
    assert (ann.birthday, ann.marketing_consent, ann.version, ann.revision) == (date(1990, 12, 31), True, 2, 1)
    assert {"birthday", "marketing_consent"}.isdisjoint(MAPPED_KEYS)
    assert contacts.values_of(ann)["birthday"] == "1990-12-31"


def test_a_changed_consent_records_when_and_by_whom_and_nothing_else_does(
    ann: Contact, save: Callable[..., SaveResult]
) -> None:
    save("Mia", marketing_consent="yes")
    save("Sam", now=LATER, birthday="1990-12-31", marketing_consent="yes")
    assert (ann.marketing_consent_at, ann.marketing_consent_source) == (NOW, "Mia")
    save("Sam", now=LATER, marketing_consent="")
    assert (ann.marketing_consent, ann.marketing_consent_at, ann.marketing_consent_source) == (False, LATER, "Sam")


def test_a_new_customer_who_agrees_is_on_record_and_one_who_was_not_asked_is_not(
    session: Session, business: Business
) -> None:
    for agrees, recorded in (("yes", (True, NOW, "Mia")), ("", (False, None, ""))):
        form = ContactSubmission(values={"name": f"Ann {agrees}", "marketing_consent": agrees})
        new = creation.create(session, business, form, kind=ContactKind.CUSTOMER, by="Mia", now=NOW)
        assert (new.marketing_consent, new.marketing_consent_at, new.marketing_consent_source) == recorded


def test_today_is_the_day_of_the_business(ann: Contact, save: Callable[..., SaveResult]) -> None:
    with pytest.raises(InvalidContact) as refused:
        save("Mia", birthday="2026-11-25")
    assert refused.value.errors == {"birthday": "Birthday cannot be in the future"}
    save("Mia", birthday="2026-11-24")
    assert ann.birthday == date(2026, 11, 24)


def test_the_page_and_its_history_say_them_in_words(
    tablet: Browser, ann: Contact, save: Callable[..., SaveResult]
) -> None:
    save("Mia", birthday="1990-12-31", marketing_consent="yes")
    page = unescape(tablet.get(f"/customers/{ann.id}").text)
    assert "Birthday: empty → <ins>31 December 1990</ins>" in page
    assert "Marketing consent: <del>No</del> → <ins>Yes</ins>" in page
    assert '<span class="lines">31 December 1990</span>' in page
    assert '<span class="lines">Yes</span><br><span class="muted small">Recorded ' in page
    assert "by Mia</span>" in page
    assert "1990-12-31" not in page


def test_a_withdrawn_consent_is_shown_and_one_that_was_never_asked_for_is_not(
    tablet: Browser, ann: Contact, save: Callable[..., SaveResult]
) -> None:
    assert "Marketing consent" not in tablet.get(f"/customers/{ann.id}").text
    save("Mia", marketing_consent="yes")
    save("Sam", marketing_consent="")
    assert (
        '<span class="lines">No</span><br><span class="muted small">Recorded '
        in tablet.get(f"/customers/{ann.id}").text
    )


def test_a_date_is_written_as_the_country_of_the_business_writes_it(
    session: Session, business: Business, tablet: Browser, ann: Contact, save: Callable[..., SaveResult]
) -> None:
    save("Mia", birthday="1990-12-31")
    business.country = "US"
    session.commit()
    assert "December 31, 1990" in tablet.get(f"/customers/{ann.id}").text


def test_the_form_has_a_control_for_each(tablet: Browser, ann: Contact, save: Callable[..., SaveResult]) -> None:
    save("Mia", birthday="1990-12-31", marketing_consent="yes")
    form = tablet.get(f"/customers/{ann.id}/edit").text
    assert 'name="birthday"' in form
    assert 'type="date"' in form
    assert 'value="1990-12-31"' in form
    assert '<option value="yes" selected>Yes</option>' in form


def test_a_text_that_is_no_date_is_shown_again_as_it_was_typed(tablet: Browser, ann: Contact) -> None:
    answer = tablet.submit(f"/customers/{ann.id}/edit", {"version": "1", "birthday": "31.12.90"})
    assert answer.status_code == 422
    assert "Birthday must be a real date" in answer.text
    assert 'value="31.12.90"' in answer.text
    assert 'type="date"' not in answer.text


def test_a_conflict_names_both_sides_in_words(
    session: Session, tablet: Browser, ann: Contact, save: Callable[..., SaveResult]
) -> None:
    save("Mia", birthday="1990-12-31", marketing_consent="yes")
    path, mine = f"/customers/{ann.id}/edit", {"version": "1", "birthday": "1991-01-02", "marketing_consent": ""}
    answer = tablet.submit(path, mine)
    assert answer.status_code == 409
    for said in ("Birthday, saved now: 31 December 1990", "Birthday, yours: 2 January 1991", "<dt>Marketing consent"):
        assert said in answer.text
    assert '<dd><span class="lines">Yes</span>' in answer.text
    assert tablet.submit(path, {**mine, "over": "2", "keep_birthday": "yours"}).status_code == 303
    session.refresh(ann)
    assert (ann.birthday, ann.marketing_consent) == (date(1991, 1, 2), True)


def test_a_draft_offers_them_in_words_and_continues(tablet: Browser, ann: Contact) -> None:
    path = f"/customers/{ann.id}"
    typed = {"version": "1", "birthday": "1990-12-31", "marketing_consent": "yes", "idempotency_key": "a"}
    tablet.submit(f"{path}/draft", typed)
    offer = tablet.get(f"{path}/edit").text
    assert "<ins>31 December 1990</ins>" in offer
    assert "<del>No</del> → <ins>Yes</ins>" in offer
    form = tablet.get(f"{path}/edit?draft=continue").text
    assert 'value="1990-12-31"' in form
    assert '<option value="yes" selected>Yes</option>' in form
