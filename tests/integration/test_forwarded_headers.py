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


@public
def seen() -> dict[str, Any]:
    """Answer what the app sees of a request."""
    return {"secure": request.is_secure, "from": request.remote_addr, "host": request.host, "root": request.script_root}


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


@pytest.mark.parametrize("name", FORGED)
def test_no_header_makes_plain_http_pass_for_https(behind: Callable[[int], FlaskClient], name: str) -> None:
    answer = behind(0).get("/sign-in", base_url=INSIDE, headers={name: FORGED[name]})
    assert (answer.status_code, answer.location) == (302, "https://pos.example/sign-in")
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("name", ["X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl"])
@pytest.mark.parametrize("proxies", [0, 2])
def test_a_server_that_believed_the_header_is_not_believed(
    behind: Callable[[int], FlaskClient], name: str, proxies: int
) -> None:
    """Gunicorn takes the scheme from these headers when the peer is this machine: as the first of two proxies may be."""
    told = {"wsgi.url_scheme": "https"}
    answer = behind(proxies).get("/sign-in", base_url=INSIDE, headers={name: FORGED[name]}, environ_overrides=told)
    assert (answer.status_code, answer.location) == (302, "https://pos.example/sign-in")


def test_nobody_chooses_an_address_or_a_host(behind: Callable[[int], FlaskClient]) -> None:
    shop = behind(0)
    answer = shop.get("/seen", base_url="https://pos.example", headers={**FORGED, "X-Forwarded-Proto": ""})
    assert answer.status_code == 302, "and no header keeps https up"
    del FORGED["X-Forwarded-Proto"]
