"""A phone that differs from Xero's only in its spaces, dashes or brackets: nothing is said and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, phone="021 555 0002", email="ann@x.example")


@pytest.fixture
def linked(session: Session, business: Business, ann: Contact) -> Link:
    return factories.add_link(session, ann, factories.add_connection(session, business))


@pytest.fixture
def save(sign_in: SignIn, staff: User, ann: Contact, linked: Link, session: Session) -> Callable[..., int]:
    """Press Save Customer; return how many revisions Xero is owed then."""
    browser = sign_in(staff)

    def act(**fields: str) -> int:
        answer = browser.submit(f"/customers/{ann.id}/edit", {"version": str(ann.version), **fields})
        assert answer.status_code == 303
        session.rollback()  # SQLite: what was read before would be read again
        session.refresh(ann)
        session.refresh(linked)
        return linked.owed_revision - linked.sent_revision

    return act


def test_it_is_saved_here_and_xero_is_owed_nothing(save: Callable[..., int], ann: Contact) -> None:
    assert save(phone="(021) 555-0002") == 0
    assert (ann.phone, ann.version, ann.revision) == ("(021) 555-0002", 2, 1)


def test_it_goes_with_what_xero_must_hear_of(save: Callable[..., int]) -> None:
    assert save(phone="0215550002", email="ann@new.example") == 1
    assert save(phone="021-555-0002") == 2, "an earlier save is still on its way"


def test_it_may_be_what_a_refused_number_needed(
    save: Callable[..., int], ann: Contact, linked: Link, session: Session
) -> None:
    ann.phone = "021 555" + "-" * 44 + "0002"
    linked.state, linked.reason = LinkState.PARKED, "Xero refused it."
    session.commit()
    assert save(phone="021 555 0002") == 1
    assert linked.state is LinkState.ACTIVE


def test_neither_the_page_nor_the_form_says_anything(
    sign_in: SignIn, staff: User, ann: Contact, linked: Link, session: Session
) -> None:
    theirs = {"name": "Ann Smith", "phone": "(021) 555-0002", "email": "ann@x.example"}
    linked.copy = XeroCopy(values=XeroCopy().values | theirs).to_json()
    session.commit()
    browser = sign_in(staff)
    assert "Synced" in browser.get(f"/customers/{ann.id}").text
    assert "Saving updates it there." in browser.get(f"/customers/{ann.id}/edit").text
