"""What holds for real customers: https, the cookie, and who may ask without them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posxero.app import create_app
from posxero.db.session import db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from posxero.settings import Settings

INSIDE = "http://10.0.0.7:8000"


@pytest.fixture
def shop(settings: Settings) -> Iterator[FlaskClient]:
    """A browser at a shop in production."""
    app = create_app(replace(settings, env="production", public_url="https://pos.example"))
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


def test_pages_go_to_https(shop: FlaskClient) -> None:
    answer = shop.get("/sign-in", base_url="http://pos.example")
    assert (answer.status_code, answer.location) == (302, "https://pos.example/sign-in")


def test_the_cookie_stays_on_this_host_and_on_https(shop: FlaskClient) -> None:
    answer = shop.get("/sign-in", base_url="https://pos.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-posxero=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("path", "said"), [("/healthz", {"status": "up"}), ("/readyz", {"database": "ready"})])
def test_probes_are_answered_over_http(shop: FlaskClient, path: str, said: dict[str, str]) -> None:
    answer = shop.get(path, base_url=INSIDE)
    assert answer.status_code == 200
    assert answer.json is not None
    assert said.items() <= answer.json.items()
