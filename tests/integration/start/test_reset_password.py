"""`posxero reset-password`: for an owner who forgot theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from posxero.cli import main
from posxero.db.business import User, UserSession
from posxero.db.security import SecurityEvent
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import passwords
from tests.support import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

NEW = "nine yellow spoons"


@pytest.fixture
def reset(environment: dict[str, str], database_url: str) -> Callable[[str, str], Result]:
    def run(email: str, password: str) -> Result:
        env = {**environment, "POSXERO_DATABASE_URL": database_url}
        words = ["reset-password", "--email", email, "--password-stdin"]
        return CliRunner().invoke(main, words, input=f"{password}\n", env=env)

    return run


@pytest.mark.parametrize("role", ["owner", "staff"])
def test_anybody_gets_a_new_password_and_is_signed_out(
    reset: Callable[[str, str], Result], session: Session, request: pytest.FixtureRequest, role: str
) -> None:
    user: User = request.getfixturevalue(role)
    people.begin(session, user)
    done = reset(user.email.upper(), NEW)
    assert (done.exit_code, done.stdout) == (0, f"{user.name} has a new password, and is signed out everywhere.\n")
    assert "security.password_reset" in done.stderr
    assert NEW not in done.output
    session.refresh(user)
    assert passwords.verify(NEW, user.password_hash)[0]
    assert session.scalars(select(UserSession)).all() == []
    event = session.scalars(select(SecurityEvent)).one()
    assert (event.kind, event.actor, event.subject) == (
        SecurityEventKind.PASSWORD_RESET,
        "Command line",
        user.name,
    )


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("nobody@shop.example", NEW, "Error: Nobody signs in with nobody@shop.example.\n"),
        ("olive@shop.example", "short", "Error: Password must be 10 characters or more.\n"),
        ("olive@shop.example", "basketball", "too common"),
        ("olive@shop.example", "green olive oil", "part of the name"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    reset: Callable[[str, str], Result], session: Session, email: str, password: str, said: str
) -> None:
    done = reset(email, password)
    assert done.exit_code == 1
    assert said in done.output
    assert passwords.verify(people.PASSWORD, session.scalars(select(User.password_hash)).one())[0]
