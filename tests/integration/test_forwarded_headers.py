"""X-Forwarded-… headers count only from the proxies that POSXERO_PROXIES names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from flask import request

from posxero.app import create_app
from posxero.db.session import db
from posxero.web.sign_in import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

    from posxero.settings import Settings

INSIDE = "http://pos.example"
FORGED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.9;proto=https;host=evil.example",
}


BELIEVED_BY_SERVERS = ["X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl"]


@public
def seen() -> dict[str, Any]:
    """Answer what the app sees of a request."""
    told = sorted(name for name, _ in request.headers if "Forwarded" in name)
    who = {"from": request.remote_addr, "host": request.host, "root": request.script_root}
    return {"secure": request.is_secure, **who, "told": told}


@pytest.fixture
def behind(settings: Settings) -> Iterator[Callable[[int], FlaskClient]]:
    """Open a shop in production behind a number of proxies."""
    apps = []

    def open_shop(proxies: int) -> FlaskClient:
        app = create_app(replace(settings, env="production", public_url="https://pos.example", proxies=proxies))
        app.add_url_rule("/seen", view_func=seen)
        apps.append(app)
        return app.test_client()

    yield open_shop
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def test_no_header_makes_plain_http_pass_for_https(behind: Callable[[int], FlaskClient]) -> None:
    shop = behind(0)
    for name, value in FORGED.items():
        answer = shop.get("/sign-in", base_url=INSIDE, headers={name: value})
        assert (name, answer.status_code, answer.location) == (name, 302, "https://pos.example/sign-in")
        assert "Strict-Transport-Security" not in answer.headers, name


@pytest.mark.parametrize("proxies", [0, 2])
def test_a_server_that_believed_the_header_is_not_believed(behind: Callable[[int], FlaskClient], proxies: int) -> None:
    """Gunicorn takes the scheme from these headers when its peer is this machine, as a proxy often is."""
    shop, told = behind(proxies), {"wsgi.url_scheme": "https"}
    for name in BELIEVED_BY_SERVERS:
        answer = shop.get("/sign-in", base_url=INSIDE, headers={name: FORGED[name]}, environ_overrides=told)
        assert (name, answer.status_code, answer.location) == (name, 302, "https://pos.example/sign-in")


def test_nobody_chooses_their_address_or_the_host(behind: Callable[[int], FlaskClient]) -> None:
    headers = {name: value for name, value in FORGED.items() if name not in BELIEVED_BY_SERVERS}
    below = {"SCRIPT_NAME": "/evil"}
    answer = behind(0).get("/seen", base_url="https://pos.example", headers=headers, environ_overrides=below)
    assert answer.json == {"secure": True, "from": "127.0.0.1", "host": "pos.example", "root": "", "told": []}


def test_a_proxy_that_was_named_is_believed(behind: Callable[[int], FlaskClient]) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    answer = behind(1).get("/seen", base_url=INSIDE, headers=forwarded)
    assert answer.json == {"secure": True, "from": "203.0.113.9", "host": "pos.example", "root": "", "told": []}
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_only_the_nearest_proxy_is_believed(behind: Callable[[int], FlaskClient]) -> None:
    answer = behind(1).get("/sign-in", base_url=INSIDE, headers={"X-Forwarded-Proto": "https, http"})
    assert (answer.status_code, answer.location) == (302, "https://pos.example/sign-in")
