"""Two people save one customer: a person chooses where both changed a field, and only there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from posxero.db.activity import Activity
from posxero.services.contacts import contacts
from posxero.services.contacts.conflicts import Choices, Conflict, Keep
from posxero.services.contacts.submissions import ContactSubmission, SaveResult
from tests.support import factories
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CHOICES = {"over": "2", "version": "1", "email": "mine@x.example", "phone": "03 1"}


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="old@x.example", phone="09 1")


@pytest.fixture
def tablet(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    """Sam's, signed in."""
    return sign_in(staff)


@pytest.fixture
def save(session: Session, business: Business, ann: Contact) -> Callable[..., SaveResult]:
    """Save values as somebody, over the version that is saved unless another was `seen`."""

    def act(by: str, seen: int = 0, choices: Choices | None = None, after: int = 0, **values: str) -> SaveResult:
        form = ContactSubmission(values=values, seen=seen or ann.version, choices=choices or Choices())
        now = NOW + timedelta(minutes=after)
        return contacts.save(session, business, ann.id, form, by=by, now=now, jobs=RecordingQueue())

    return act


def test_each_side_names_who_saved_it_last(save: Callable[..., SaveResult]) -> None:
    save("Sam", email="sam@x.example", mobile="021 1")
    save("Mana", email="mana@x.example", after=5)
    with pytest.raises(Conflict) as conflict:
        save("Olive", 1, email="olive@x.example", mobile="", notes="Likes blue")
    sides = {side.key: (side.keep, side.who, side.when) for side in conflict.value.sides}
    assert sides == {
        "email": (None, "Mana", NOW + timedelta(minutes=5)),
        "mobile": (Keep.SAVED, "Sam", NOW),
        "notes": (Keep.YOURS, "", None),
    }
    assert conflict.value.unchosen == ()


def test_what_only_one_changed_is_kept_when_the_rest_is_chosen(ann: Contact, save: Callable[..., SaveResult]) -> None:
    save("Sam", email="sam@x.example", mobile="021 1")
    mine = {"email": "mine@x.example", "mobile": "", "notes": "Likes blue"}
    save("Olive", 1, Choices(2, {"email": Keep.SAVED}), **mine)
    assert (ann.email, ann.mobile, ann.notes, ann.version) == ("sam@x.example", "021 1", "Likes blue", 3)
    save("Mana", 2, Choices(3, {"email": Keep.YOURS}), email="mine@x.example", phone="03 1")
    assert (ann.email, ann.phone, ann.notes, ann.version) == ("mine@x.example", "03 1", "Likes blue", 4)


def test_nobody_is_asked_who_changed_nothing(ann: Contact, save: Callable[..., SaveResult]) -> None:
    save("Sam", email="sam@x.example")
    saved = save("Olive", 1, email="old@x.example", phone="09 1")
    assert (saved.changed, ann.email, ann.version) == (False, "sam@x.example", 2)


def test_choices_over_a_version_that_is_old_by_now_are_asked_for_again(save: Callable[..., SaveResult]) -> None:
    save("Sam", email="sam@x.example")
    save("Mana", email="mana@x.example")
    with pytest.raises(Conflict) as conflict:
        save("Olive", 1, Choices(2, {"email": Keep.YOURS}), email="mine@x.example")
    assert (conflict.value.version, conflict.value.chosen, conflict.value.unchosen) == (3, {}, ())


def test_where_it_is_not_known_who_changed_what_everything_is_asked_about(
    session: Session, save: Callable[..., SaveResult]
) -> None:
    save("Sam", mobile="021 1")
    session.execute(delete(Activity))
    session.commit()
    with pytest.raises(Conflict) as conflict:
        save("Olive", 1, email="mine@x.example")
    assert [(side.key, side.keep) for side in conflict.value.sides] == [("email", None)]


def test_a_choice_that_is_missing_is_asked_for_next_to_it(
    session: Session, tablet: Browser, ann: Contact, save: Callable[..., SaveResult]
) -> None:
    save("Mana", email="mana@x.example", phone="04 1", mobile="021 1")
    path = f"/customers/{ann.id}/edit"
    first = tablet.submit(path, {key: value for key, value in CHOICES.items() if key != "over"})
    assert first.status_code == 409
    assert " checked" not in first.text
    assert "Choose which one" not in first.text
    assert 'name="keep_mobile"' not in first.text
    for said in (
        "Mana, ",
        "Sam (you), ",
        "Kept, because only one of you changed it",
        "021 1",
        "Discard my changes",
        f"/customers/{ann.id}/draft/discard",
    ):
        assert said in first.text
    second = tablet.submit(path, {**CHOICES, "keep_email": "yours"})
    assert second.status_code == 409
    assert "<title>Error: " in second.text
    assert '<a href="#phone-saved">Choose which Phone to keep</a>' in unescape(second.text)
    assert 'id="phone-error"' in second.text
    assert 'id="email-error"' not in second.text
    assert second.text.count(" checked") == 1
    session.commit()
    session.refresh(ann)
    assert (ann.email, ann.version) == ("mana@x.example", 2)
    assert tablet.submit(path, {**CHOICES, "keep_email": "yours", "keep_phone": "saved"}).status_code == 303
    session.commit()
    session.refresh(ann)
    assert (ann.email, ann.phone, ann.mobile, ann.version) == ("mine@x.example", "04 1", "021 1", 3)


def test_what_was_chosen_may_still_be_wrong_and_is_not_lost(
    tablet: Browser, ann: Contact, save: Callable[..., SaveResult]
) -> None:
    save("Mana", email="mana@x.example", phone="04 1")
    typed = {**CHOICES, "email": "mine", "keep_email": "yours", "keep_phone": "saved"}
    answer = tablet.submit(f"/customers/{ann.id}/edit", typed)
    assert answer.status_code == 422
    assert 'name="version" value="2"' in answer.text
    assert 'value="mine"' in answer.text
    assert 'value="04 1"' in answer.text


def test_a_choice_of_what_is_none_is_no_choice(tablet: Browser, ann: Contact, save: Callable[..., SaveResult]) -> None:
    save("Mana", email="mana@x.example", phone="04 1")
    answer = tablet.submit(f"/customers/{ann.id}/edit", {**CHOICES, "keep_email": "both", "keep_phone": "saved"})
    assert answer.status_code == 409
    assert 'id="email-error"' in answer.text
