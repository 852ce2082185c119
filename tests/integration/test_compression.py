"""Pages and files are sent compressed and files are kept for good; neither tells anybody the CSRF token."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import brotli
import pytest

from posxero.web import csrf
from posxero.web.assets import Assets
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


def files(page: str) -> dict[str, str]:
    """Return the addresses of the files that a page loads, by their names."""
    found = re.findall(r'"(/static/([^"?]+)\?v=[0-9a-f]+)"', page)
    return {name: address for address, name in found}


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_page_is_compressed(session: Session, sign_in: SignIn, staff: User, business: Business, coding: str) -> None:
    for number in range(25):
        factories.add_contact(session, business, f"Ann {number}", email=f"ann{number}@shop.example")
    browser = sign_in(staff)
    plain = browser.get("/customers")
    answer = browser.get("/customers", headers={"Accept-Encoding": f"zstd, {coding}"})
    assert answer.headers["Content-Encoding"] == coding
    assert {"Accept-Encoding", "HX-Request"} <= set(answer.headers["Vary"].split(", "))
    assert len(answer.data) < len(plain.data) / 4
    assert "Ann 24" in UNPACK[coding](answer.data).decode()
    assert "Content-Encoding" not in plain.headers


def test_a_page_that_another_site_asked_for_tells_nothing_by_its_length(sign_in: SignIn, staff: User) -> None:
    for site in ("cross-site", "same-site"):
        answer = sign_in(staff).get("/customers?q=x", headers={"Accept-Encoding": "br", "Sec-Fetch-Site": site})
        assert "Content-Encoding" not in answer.headers


def test_the_token_is_masked_anew_in_every_answer(sign_in: SignIn, staff: User) -> None:
    browser = sign_in(staff)
    first, second = (set(TOKEN.findall(browser.get("/customers/new").text)) for _ in range(2))
    assert len(first) == len(second) == 1, "one mask an answer: masks do not compress"
    with browser.cookie() as cookie:
        secret = cookie["csrf_token"]
    pages = [browser.get("/customers/new").text for _ in range(2)]
    assert all(secret not in page for page in pages)
    (one,), (other,) = first, second
    assert not any(one[at : at + 8] in other for at in range(len(one) - 8)), "the two have something in common"
    for token in (one, other):
        sent = browser.post("/customers/notice-read", data={"csrf_token": token})
        assert sent.status_code == 303


def test_a_form_that_was_open_over_an_upgrade_is_still_taken(sign_in: SignIn, staff: User) -> None:
    browser = sign_in(staff)
    assert "." in browser.token()
    assert browser.submit("/customers/notice-read").status_code == 303


@pytest.mark.parametrize("sent", ["~", "~~", "~AAAA", "~AAA", "~é", "~" + "A" * 5000, "~" + "_" * 243, ""])
def test_a_token_that_is_none_is_refused(sign_in: SignIn, staff: User, sent: str) -> None:
    answer = sign_in(staff).post("/customers/notice-read", data={"csrf_token": sent})
    assert answer.status_code == 400


def test_a_mask_is_taken_off() -> None:
    assert csrf.unmask(csrf.mask("abc.def")) == "abc.def"
    assert csrf.mask("abc") != csrf.mask("abc")
    assert csrf.unmask(None) is None


@pytest.mark.parametrize("coding", ["br", "gzip", ""])
def test_files_are_compressed_and_kept_for_good(client: Browser, coding: str) -> None:
    found = files(client.get("/sign-in").text)
    assert set(found) == {"favicon.svg", "app.css", "app.js", "forms.js", "vendor/htmx-4.0.1.min.js"}
    for address in found.values():
        answer = client.get(address, headers={"Accept-Encoding": coding})
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get("Content-Encoding", "") == coding
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        plain = client.get(address)
        if coding:
            assert len(answer.data) < len(plain.data)
            assert UNPACK[coding](answer.data) == plain.data
        again = client.get(address, headers={"Accept-Encoding": coding, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_file_by_another_address_is_asked_for_again(client: Browser) -> None:
    for query in ("", "?v=0123456789ab", "?v="):
        assert client.get(f"/static/app.css{query}").headers["Cache-Control"] == "no-cache"
    for path in ("none.css", "../settings.py", "%2e%2e/settings.py", "vendor", "vendor/"):
        assert client.get(f"/static/{path}").status_code in {404, 308}


def test_a_file_that_changes_gets_another_address(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "app.css").write_text("a {}")
    assets = Assets(tmp_path)
    with app.test_request_context():
        before = assets.url("app.css")
        assert assets.url("app.css") == before
        (tmp_path / "app.css").write_text("a { color: red }")
        assert assets.url("app.css") != before
        assert assets.url("gone.css") == "/static/gone.css"
