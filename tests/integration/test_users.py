"""The people of a business, and who may manage them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.business import User
from posxero.domain.enums import Role
from posxero.services.accounts import users

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


def test_the_last_owner_stays_owner(sign_in: SignIn, owner: User, manager: User) -> None:
    browser = sign_in(owner)
    answer = browser.submit(f"/settings/users/{owner.id}", {"name": "Olive", "role": "staff", "password": ""})
    assert answer.status_code == 422
    assert "Olive is the only owner. Make someone else an owner first" in answer.text
    promoted = browser.submit(f"/settings/users/{manager.id}", {"name": "Mana", "role": "owner", "password": ""})
    assert promoted.status_code == 303
    answer = browser.submit(f"/settings/users/{owner.id}", {"name": "Olive", "role": "staff", "password": ""})
    assert answer.status_code == 303


def test_a_removed_person_is_out_at_once_and_the_email_is_free(
    sign_in: SignIn, owner: User, staff: User, session: Session, business: Business
) -> None:
    theirs, ours = sign_in(staff), sign_in(owner)
    assert "is signed out at once" in ours.get(f"/settings/users/{staff.id}/delete").text
    assert theirs.get("/settings/xero").status_code == 200
    assert ours.submit(f"/settings/users/{staff.id}/delete").status_code == 303
    assert theirs.get("/settings/xero").status_code == 303
    ria: dict[str, Any] = {
        "name": "Ria",
        "email": "sam@shop.example",
        "role": "staff",
        "password": "seven green kettles",
    }
    users.add(session, business.id, **ria, now=datetime.now(UTC))
    assert session.scalars(select(User.name).where(User.removed_at.is_(None)).order_by(User.name)).all() == [
        "Olive",
        "Ria",
    ]


def test_a_new_password_ends_every_sign_in_of_that_person(sign_in: SignIn, owner: User, staff: User) -> None:
    theirs = sign_in(staff)
    changed = {"name": "Sam", "role": "staff", "password": "nine yellow spoons"}
    assert sign_in(owner).submit(f"/settings/users/{staff.id}", changed).status_code == 303
    assert theirs.get("/settings/xero").status_code == 303


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.BOOKKEEPER])
def test_others_are_told_who_can(sign_in: SignIn, manager: User, staff: User, bookkeeper: User, role: Role) -> None:
    person = {user.role: user for user in (manager, staff, bookkeeper)}[role]
    answer = sign_in(person).get("/settings/users")
    assert answer.status_code == 403
    assert "Ask an owner." in answer.text


def test_a_person_of_another_business_is_not_there(sign_in: SignIn, stranger: User, staff: User) -> None:
    browser = sign_in(stranger)
    for path in (f"/settings/users/{staff.id}", f"/settings/users/{staff.id}/delete"):
        assert browser.get(path).status_code == 404
        assert browser.submit(path, {"name": "x", "role": "staff"}).status_code == 404


def test_nobody_removes_themselves(sign_in: SignIn, owner: User) -> None:
    answer = sign_in(owner).get(f"/settings/users/{owner.id}/delete")
    assert answer.status_code == 422
    assert "You can&#39;t remove yourself. Ask another owner." in answer.text
