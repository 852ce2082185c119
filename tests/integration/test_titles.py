"""The title of a window follows its content: a fragment brings the title of its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TITLE = re.compile(r"<title>(.*?)</title>")


@pytest.mark.parametrize(
    ("path", "target", "title"),
    [
        ("/customers?page=1", "div#results", "Customers"),
        ("/customers/new", "div#customer-new", "New customer"),
        ("/customers/{id}", "article#customer-{id}", "A &amp; B"),
        ("/customers/{id}/edit", "div#customer-{id}", "Edit A &amp; B"),
        ("/sync", "div#activity", "Sync activity"),
        ("/settings/security", "div#results", "Security log"),
    ],
)
def test_a_fragment_has_the_title_of_its_page(
    session: Session,
    business: Business,
    owner: User,
    sign_in: Callable[[User], Browser],
    path: str,
    target: str,
    title: str,
) -> None:
    browser, contact = sign_in(owner), factories.add_contact(session, business, name="A & B")
    path = path.format(id=contact.id)
    page = browser.get(path).text
    fragment = browser.get(path, headers={**HTMX, "HX-Target": target.format(id=contact.id)}).text
    assert "<html" in page
    assert "<html" not in fragment
    assert TITLE.findall(page) == TITLE.findall(fragment) == [f"{title} · Retail POS"]


def test_a_piece_of_a_page_has_no_title(
    session: Session, business: Business, owner: User, sign_in: Callable[[User], Browser]
) -> None:
    contact = factories.add_contact(session, business)
    assert "<title" not in sign_in(owner).get(f"/customers/{contact.id}/status", headers=HTMX).text
