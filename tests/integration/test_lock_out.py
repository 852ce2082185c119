"""Guessing is slowed down, and the right person gets in all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from redis import Redis, RedisError

from posxero.app import create_app
from posxero.db.session import db
from posxero.services.accounts import passwords
from tests.support.browser import Browser
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from posxero.db.business import User
    from posxero.settings import Settings

    At = Callable[..., Browser]

HOME, ELSEWHERE = "198.51.100.1", "192.0.2.1"


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords without argon2, which is slow on purpose."""
    monkeypatch.setattr(passwords, "verify", lambda password, kept: (kept is not None and password == PASSWORD, None))


@pytest.fixture
def at(app: Flask) -> At:
    """Open a browser at a network address."""

    def opened(address: str, chosen: Flask = app) -> Browser:
        browser = chosen.test_client()
        assert isinstance(browser, Browser)
        browser.environ_base["REMOTE_ADDR"] = address
        return browser

    return opened


@pytest.fixture
def second_web(settings: Settings) -> Iterator[Flask]:
    """Another web process of the same shop."""
    app = create_app(settings)
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


def enter(browser: Browser, email: str, password: str = PASSWORD, **headers: str) -> TestResponse:
    return browser.submit("/sign-in", {"email": email, "password": password}, headers=headers)


def attack(at: At, email: str, tries: int = 30) -> None:
    """Guess from many addresses."""
    for number in range(tries):
        assert enter(at(f"203.0.113.{number}"), email, "guess").status_code == 422


def test_guessing_from_one_address_is_slowed_down_in_words(at: At, owner: User) -> None:
    browser = at(HOME)
    answers = [enter(browser, owner.email, "guess").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    refused = enter(browser, owner.email)
    assert refused.status_code == 429, "the right password is not looked at either, or guessing would go on"
    assert "Too many wrong passwords. Wait 1 minute and try again." in refused.text
    assert 50 <= int(refused.headers["Retry-After"]) <= 60
    assert f'value="{owner.email}"' in refused.text
    assert "Error: Sign in" in refused.text


def test_the_right_person_gets_in_from_a_known_device_while_the_account_is_attacked(at: At, owner: User) -> None:
    browser = at(HOME)
    assert enter(browser, owner.email).status_code == 303
    browser.submit("/sign-out")
    attack(at, owner.email)
    for _ in range(5):
        assert enter(browser, owner.email, "mistyped").status_code == 422
    assert enter(browser, owner.email).status_code == 303


def test_the_right_person_gets_in_from_a_fresh_address_while_the_account_is_attacked(at: At, owner: User) -> None:
    attack(at, owner.email)
    assert enter(at(ELSEWHERE), owner.email).status_code == 303


def test_a_fresh_address_has_a_smaller_allowance_while_the_account_is_attacked(at: At, owner: User) -> None:
    attack(at, owner.email)
    browser = at(ELSEWHERE)
    assert [enter(browser, owner.email, "guess").status_code for _ in range(3)] == [422, 422, 429]
    assert "Wait 15 minutes and try again." in enter(browser, owner.email).text


def test_a_known_device_is_throttled_too(at: At, owner: User) -> None:
    browser = at(HOME)
    enter(browser, owner.email)
    browser.submit("/sign-out")
    answers = [enter(browser, owner.email, "guess").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_known_device_of_one_person_is_not_known_to_another(at: At, owner: User, manager: User) -> None:
    browser = at(HOME)
    enter(browser, owner.email)
    answers = [enter(browser, manager.email, "guess").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_two_people_may_share_a_known_device(at: At, owner: User, manager: User) -> None:
    browser = at(HOME)
    for person in (owner, manager):
        enter(browser, person.email)
        browser.submit("/sign-out")
    for person in (owner, manager):
        attack(at, person.email, 12)
        assert [enter(browser, person.email, "mistyped").status_code for _ in range(4)] == [422] * 4
        assert enter(browser, person.email).status_code == 303


def test_the_mark_of_a_device_lets_nobody_in_and_cannot_be_made_up(at: At, owner: User) -> None:
    browser = at(HOME)
    mark = enter(browser, owner.email).headers.getlist("Set-Cookie")[-1]
    assert mark.startswith("posxero-device=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(mark.split("; "))
    value = mark.partition("=")[2].partition(";")[0]
    thief = at(ELSEWHERE)
    thief.set_cookie("posxero-device", value, domain="localhost")
    assert thief.get("/customers").status_code == 303
    thief.set_cookie("posxero-device", value[:-3] + "abc", domain="localhost")
    assert [enter(thief, owner.email, "guess").status_code for _ in range(6)] == [422] * 5 + [429]


def test_stuffing_many_accounts_from_one_address_is_throttled(at: At, owner: User) -> None:
    browser = at(ELSEWHERE)
    answers = [enter(browser, f"person{number}@shop.example", "guess").status_code for number in range(40)]
    assert answers == [422] * 30 + [429] * 10
    assert enter(browser, owner.email).status_code == 429
    assert enter(at(HOME), owner.email).status_code == 303


def test_an_account_of_ones_own_does_not_open_the_address_again(at: At, owner: User, stranger: User) -> None:
    browser = at(ELSEWHERE)
    for number in range(30):
        if number % 10 == 0:
            enter(at(ELSEWHERE), stranger.email)
        enter(browser, f"person{number}@shop.example", "guess")
    assert enter(browser, owner.email, "guess").status_code == 429


def test_a_forged_forwarding_header_changes_nothing(at: At, owner: User) -> None:
    browser = at(ELSEWHERE)
    forged = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(6)]
    answers = [enter(browser, owner.email, "guess", **headers).status_code for headers in forged]
    assert answers == [422] * 5 + [429]


def test_the_addresses_of_one_ipv6_network_count_as_one(at: At, owner: User) -> None:
    answers = [enter(at(f"2001:db8::{number}"), owner.email, "guess").status_code for number in range(1, 7)]
    assert answers == [422] * 5 + [429]
    assert enter(at("2001:db8:0:1::1"), owner.email).status_code == 303


def test_web_processes_count_together(at: At, second_web: Flask, owner: User, app: Flask) -> None:
    answers = [
        enter(at(ELSEWHERE, web), owner.email, "guess").status_code for web in (app, second_web, app, second_web, app)
    ]
    assert answers == [422] * 5
    assert enter(at(ELSEWHERE, second_web), owner.email).status_code == 429


def test_without_redis_each_process_counts_for_itself(at: At, settings: Settings, owner: User) -> None:
    away = replace(settings, redis_url="redis://127.0.0.1:1/0")
    with pytest.raises(RedisError):
        Redis.from_url("redis://127.0.0.1:1/0").ping()
    app = create_app(away)
    app.test_client_class = Browser
    browser = at(ELSEWHERE, app)
    assert [enter(browser, owner.email, "guess").status_code for _ in range(6)] == [422] * 5 + [429]
    assert enter(at(HOME, app), owner.email).status_code == 303
    with app.app_context():
        db.engine.dispose()


def test_a_new_password_ends_the_wait(at: At, sign_in: Callable[[User], Browser], owner: User, manager: User) -> None:
    browser = at(ELSEWHERE)
    assert [enter(browser, manager.email, "guess").status_code for _ in range(6)][-1] == 429
    changed = {"name": "Mana", "role": "manager", "password": "nine yellow spoons"}
    assert sign_in(owner).submit(f"/settings/users/{manager.id}", changed).status_code == 303
    assert enter(browser, manager.email).status_code == 303
