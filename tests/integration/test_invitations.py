"""Adding a user: the owner shares a link that works once; the person chooses the email and the password."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from posxero.db.business import User, UserSession
from posxero.db.invitation import Invitation
from posxero.domain.enums import Role
from posxero.services.accounts.sessions import hash_secret
from posxero.web import times
from tests.support.browser import PUBLIC_URL

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

RIA = {"name": "Ria", "role": "staff"}
CHOSEN = {"email": "Ria@Shop.example", "password": "seven green kettles"}
LINK = re.compile(rf'value="{re.escape(PUBLIC_URL)}(/invitations/[^"]+)"')
CLOSED = "Ask the person who gave it to you for a new one."
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


def link_in(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    return html.unescape(LINK.findall(answer.text)[0])


@pytest.fixture
def olive(sign_in: SignIn, owner: User) -> Browser:
    return sign_in(owner)


@pytest.fixture
def link(olive: Browser) -> str:
    """The address of an invitation as staff."""
    return link_in(olive.submit("/settings/users/new", RIA))


def users(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(User.name).order_by(User.name)))


def invitation(session: Session) -> Invitation:
    session.rollback()
    return session.scalars(select(Invitation)).one()


def is_closed(browser: Browser, link: str) -> bool:
    shown, sent = browser.get(link), browser.submit(link, CHOSEN)
    return shown.status_code == sent.status_code == 404 and CLOSED in shown.text and CLOSED in sent.text


def test_the_owner_invites_a_person_who_joins_and_is_signed_in(
    olive: Browser, client: Browser, session: Session
) -> None:
    answer = olive.submit("/settings/users/new", RIA)
    day = times.day(invitation(session).expires_at, "Pacific/Auckland")
    assert f"Share it with them in person. It works once, until {day}." in answer.text
    link = link_in(answer)
    page = client.get(link).text
    assert "Ria, Kowhai Clothing has invited you to Retail POS as a member of staff." in page
    joined = client.submit(link, CHOSEN)
    assert (joined.status_code, joined.location) == (303, "/customers")
    assert client.get("/customers").status_code == 200
    session.rollback()
    ria = session.scalars(select(User).where(User.email == "ria@shop.example")).one()
    assert (ria.name, ria.role) == ("Ria", Role.STAFF)
    client.submit("/sign-out")
    assert client.submit("/sign-in", CHOSEN).location == "/customers"
    assert is_closed(client, link), "it works once"
    assert users(session) == ["Olive", "Ria"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Enter a name"),
        ({"name": "x" * 300}, "Name must be 255 characters or fewer"),
        ({"role": "king"}, "Choose a role"),
    ],
)
def test_a_wrong_field_of_an_invitation_is_said_beside_it(
    olive: Browser, session: Session, wrong: dict[str, str], words: str
) -> None:
    answer = olive.submit("/settings/users/new", RIA | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{(RIA | wrong)["name"]}"' in answer.text
    assert session.scalars(select(Invitation)).all() == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"email": "ria"}, "Enter an email address like name@example.com"),
        ({"email": "olive@shop.example"}, "Someone already signs in with this email"),
        ({"password": "short"}, "Password must be 10 characters or more"),
        ({"password": "password123"}, "Choose a password that is harder to guess"),
    ],
)
def test_a_wrong_field_is_said_beside_it_nothing_typed_is_lost_and_the_link_stays(
    link: str, client: Browser, session: Session, wrong: dict[str, str], words: str
) -> None:
    answer = client.submit(link, CHOSEN | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{(CHOSEN | wrong)["email"]}"' in answer.text
    assert (CHOSEN | wrong)["password"] not in answer.text
    assert users(session) == ["Olive"]
    assert client.submit(link, CHOSEN).status_code == 303


def test_only_the_invited_person_learns_that_an_email_is_in_use(
    olive: Browser, client: Browser, session: Session, stranger: User
) -> None:
    asked = olive.get("/settings/users/new").text
    assert 'name="email"' not in asked
    assert 'name="password"' not in asked
    link = link_in(olive.submit("/settings/users/new", {**RIA, "email": stranger.email}))
    refused = client.submit(link, CHOSEN | {"email": stranger.email})
    assert (refused.status_code, "Someone already signs in with this email" in refused.text) == (422, True)
    assert stranger.email not in olive.get("/settings/users").text
    assert users(session) == ["Nora", "Olive"]


def test_the_list_shows_who_is_invited_until_when_and_by_whom(olive: Browser, link: str) -> None:
    page = olive.get("/settings/users").text
    row = re.search(r"<th scope=\"row\">Ria</th>.*?</tr>", page, re.DOTALL)
    assert row is not None
    for part in ("Staff", "Olive", "New link", "Withdraw"):
        assert part in row[0]
    assert link.rpartition("/")[2] not in page


def test_a_link_that_cannot_be_used_says_the_same_whatever_the_reason(
    olive: Browser, client: Browser, session: Session, link: str
) -> None:
    path = f"/settings/users/invitations/{invitation(session).id}"
    renewed = link_in(olive.submit(f"{path}/new-link"))
    assert is_closed(client, link), "replaced"
    session.rollback()
    session.execute(update(Invitation).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    session.commit()
    assert is_closed(client, renewed), "expired"
    again = link_in(olive.submit(f"{path}/new-link"))
    assert client.get(again).status_code == 200
    assert invitation(session).expires_at - invitation(session).created_at == timedelta(days=7)
    assert olive.submit(f"{path}/delete").location == "/settings/users"
    assert is_closed(client, again), "withdrawn"
    pages = {TOKEN.sub("", client.get(one).text) for one in (link, renewed, again, "/invitations/unknown")}
    assert len(pages) == 1
    assert users(session) == ["Olive"]
    for step in ("new-link", "delete"):
        assert olive.submit(f"{path}/{step}").status_code == 404


@pytest.mark.parametrize("change", [{"role": Role.MANAGER}, {"removed_at": datetime.now(UTC)}])
def test_an_invitation_ends_with_the_right_of_who_made_it(
    olive: Browser, client: Browser, session: Session, owner: User, change: dict[str, object]
) -> None:
    """Else an owner who was removed could come back by a link of their own."""
    link = link_in(olive.submit("/settings/users/new", RIA | {"role": "owner"}))
    session.execute(update(User).where(User.id == owner.id).values(**change))
    session.commit()
    assert is_closed(client, link)


def test_the_database_holds_a_hash_of_the_token(link: str, session: Session) -> None:
    token = link.rpartition("/")[2]
    assert len(token) == 43, "32 random bytes as URL-safe base64"
    assert invitation(session).token_hash == hash_secret(token)
    assert token not in str(session.execute(select(*Invitation.__table__.columns)).all())


def test_the_owner_may_hand_over_the_tablet(olive: Browser, link: str, session: Session) -> None:
    assert "Olive is signed in on this device and will be signed out." in olive.get(link).text
    assert olive.submit(link, CHOSEN).location == "/customers"
    assert olive.get("/settings/users").status_code == 403, "Ria is staff"
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_another_shop_cannot_touch_an_invitation(
    link: str, client: Browser, session: Session, sign_in: SignIn, stranger: User
) -> None:
    nora = sign_in(stranger)
    for step in ("new-link", "delete"):
        assert nora.submit(f"/settings/users/invitations/{invitation(session).id}/{step}").status_code == 404
    assert "Ria" not in nora.get("/settings/users").text
    assert client.get(link).status_code == 200


def test_guessing_at_an_invitation_is_throttled(link: str, client: Browser) -> None:
    answers = [client.submit(link, {"email": "x", "password": ""}).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]
