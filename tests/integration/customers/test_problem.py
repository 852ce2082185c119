"""A customer that Xero does not have: a banner with the cause, one button that cures it, and Xero's words folded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from posxero.domain import gone
from posxero.domain.enums import LinkState
from posxero.domain.refusals import Refusal
from posxero.services.push.kinds import contact_reasons as reasons
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

BANNER = re.compile(r'<div id="problem-[^"]*">\s*(<section.*?</section>)', re.DOTALL)
EMAIL = reasons.why("Ann", ["The email <b>a@</b> is not valid"])
NOTHING = Refusal("")
REWORDED = Refusal("As another version of Retail POS put it.", EMAIL.kind)
TAKEN = reasons.why("Ann", ["The contact name Ann is already assigned to another contact"])


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business)


@pytest.fixture
def stick(session: Session, business: Business, ann: Contact) -> Callable[..., Link]:
    """Let Ann's link get stuck."""
    kiwi = factories.add_connection(session, business)

    def stuck(state: LinkState = LinkState.PARKED, why: Refusal = NOTHING) -> Link:
        return factories.add_link(session, ann, kiwi, **factories.parked(why) | {"state": state, "sent_revision": 0})

    return stuck


def banner(page: str) -> str:
    """Return the banner of a page; it has at most one."""
    found = BANNER.findall(page)
    return found[0] if found else ""


def pressable(part: str) -> list[str]:
    """Return the words of the buttons and links in a part of a page."""
    return [words.strip() for words in re.findall(r"<(?:button|a)\b[^>]*>([^<]*)</(?:button|a)>", part)]


@pytest.mark.parametrize(
    ("state", "why", "title", "button", "leads"),
    [
        (LinkState.PARKED, EMAIL, "Not sent to Xero", "Change details", "edit"),
        (LinkState.PARKED, REWORDED, "Not sent to Xero", "Change details", "edit"),
        (LinkState.PARKED, TAKEN, "Not sent to Xero", "Try again", "try-again"),
        (LinkState.PARKED, Refusal(reasons.NO_REASON), "Not sent to Xero", "Try again", "try-again"),
        (LinkState.ARCHIVED, Refusal(gone.REASONS[LinkState.ARCHIVED]), "Archived in Xero", "Try again", "try-again"),
        (LinkState.MERGED, Refusal(gone.REASONS[LinkState.MERGED]), "Merged in Xero", "Unlink from Xero", "unlink"),
        (LinkState.MISSING, Refusal(gone.REASONS[LinkState.MISSING]), "Not in Xero", "Unlink from Xero", "unlink"),
    ],
)
def test_there_is_one_button_and_it_cures(
    sign_in: SignIn,
    manager: User,
    ann: Contact,
    stick: Callable[..., Link],
    state: LinkState,
    why: Refusal,
    title: str,
    button: str,
    leads: str,
) -> None:
    stick(state, why)
    shown = banner(sign_in(manager).get(f"/customers/{ann.id}").text)
    assert f">{title}</h2>" in shown
    assert pressable(shown) == [button]
    assert f'"/customers/{ann.id}/{leads}"' in shown


def test_xeros_own_words_are_folded(sign_in: SignIn, staff: User, ann: Contact, stick: Callable[..., Link]) -> None:
    stick(why=EMAIL)
    page = sign_in(staff).get(f"/customers/{ann.id}").text
    before, _, folded = banner(page).partition("<details")
    assert "Xero does not accept this email address." in before
    assert "&lt;b&gt;" not in before
    assert "The email &lt;b&gt;a@&lt;/b&gt; is not valid" in folded
    assert "Xero says" not in page


def test_nobody_is_offered_what_they_may_not_do(
    sign_in: SignIn, staff: User, bookkeeper: User, ann: Contact, stick: Callable[..., Link]
) -> None:
    link = stick(LinkState.MERGED, Refusal(gone.REASONS[LinkState.MERGED]))
    shown = banner(sign_in(staff).get(f"/customers/{ann.id}").text)
    assert pressable(shown) == []
    assert "Ask an owner or a manager to unlink it." in shown
    link.state = LinkState.PARKED
    assert pressable(banner(sign_in(bookkeeper).get(f"/customers/{ann.id}").text)) == []


def test_the_banner_comes_when_the_wait_ends(
    session: Session, sign_in: SignIn, staff: User, ann: Contact, stick: Callable[..., Link]
) -> None:
    link, browser = stick(LinkState.ACTIVE), sign_in(staff)
    assert banner(browser.get(f"/customers/{ann.id}").text) == ""
    for name, value in factories.parked(EMAIL).items():
        setattr(link, name, value)
    session.commit()
    part = browser.part(f"/customers/{ann.id}/status?polls=3", "div#status").text
    assert f'hx-target="#problem-{ann.id}"' in part
    assert pressable(banner(part)) == ["Change details"]


@pytest.mark.parametrize(
    ("complaints", "plain", "quote"),
    [
        (
            ["Email “odd” is bad"],
            "Xero does not accept this email address. Change it here and save.",
            "Email “odd” is bad",
        ),
        ([], reasons.NO_REASON, ""),
    ],
)
def test_a_reason_is_taken_apart_as_it_was_put_together(complaints: list[Any], plain: str, quote: str) -> None:
    assert reasons.split(reasons.why("Ann", complaints).reason) == (plain, quote)
