"""The owner's way through Xero's consent page, without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer


def ask(browser: Browser) -> dict[str, str]:
    """Press Connect; return what Xero's page is asked with."""
    answer = browser.get("/xero/connect")
    assert answer.status_code == 302
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def allow(practice: PracticeServer, asked: dict[str, str], *tenants: str) -> str:
    """Press Allow access for these organisations (the first one); return the path that the browser is sent to."""
    return _press(practice, {**asked, "tenant": list(tenants) or [practice.tenant]})


def cancel(practice: PracticeServer, asked: dict[str, str]) -> str:
    """Press Cancel; return the path that the browser is sent to."""
    return _press(practice, {**asked, "cancel": "1"})


def connect(browser: Browser, practice: PracticeServer, *tenants: str) -> TestResponse:
    """Go all the way, and return the shop's answer to Xero's."""
    return browser.get(allow(practice, ask(browser), *tenants))


def _press(practice: PracticeServer, form: dict[str, str | list[str]]) -> str:
    answer = practice.http.post("/identity/connect/authorize", data=form)
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/xero/callback"
    return f"{back.path}?{back.query}"
