"""Settings → Business: what the owner says about the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

SAID = {"name": "Kiwi  Shop", "country": "nz", "currency": "nzd", "timezone": "Pacific/Auckland"}


def test_the_owner_says_where_the_shop_is(session: Session, sign_in: SignIn, owner: User, business: Business) -> None:
    answer = sign_in(owner).submit("/settings/business", SAID)
    assert (answer.status_code, answer.location) == (303, "/settings/business")
    session.refresh(business)
    said = (business.name, business.country, business.currency, business.timezone)
    assert said == ("Kiwi Shop", "NZ", "NZD", "Pacific/Auckland")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Enter the business&#39;s name"),
        ({"name": "x" * 300}, "255 characters or fewer"),
        ({"country": "UK"}, "Enter the country as two letters, like NZ, AU, US or GB"),
        ({"country": "ZZ"}, "Enter the country as two letters"),
        ({"country": "New Zealand"}, "Enter the country as two letters"),
        ({"currency": "NZ"}, "Enter the currency as three letters"),
        ({"timezone": "Mars/Olympus"}, "Enter a time zone like Pacific/Auckland"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(
    session: Session, sign_in: SignIn, owner: User, business: Business, wrong: dict[str, str], words: str
) -> None:
    before = (business.name, business.country, business.currency, business.timezone)
    answer = sign_in(owner).submit("/settings/business", SAID | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    session.refresh(business)
    assert (business.name, business.country, business.currency, business.timezone) == before


def test_only_the_owner_may(sign_in: SignIn, manager: User) -> None:
    assert sign_in(manager).submit("/settings/business", SAID).status_code == 403


def test_country_and_currency_are_chosen_by_name(
    session: Session, sign_in: SignIn, owner: User, business: Business
) -> None:
    browser = sign_in(owner)
    page = browser.get("/settings/business").text
    assert '<option value="NZ" selected>New Zealand</option>' in page
    assert '<option value="NZD" selected>New Zealand Dollar (NZD)</option>' in page
    assert 'value="DE">Germany<' in page
    business.country = business.currency = ""
    session.commit()
    page = browser.get("/settings/business").text
    assert page.count('<option value="" selected>Not chosen yet</option>') == 2


def test_a_currency_that_nobody_uses_today_is_kept(
    session: Session, sign_in: SignIn, owner: User, business: Business
) -> None:
    business.currency = "DEM"
    session.commit()
    assert '<option value="DEM" selected>DEM</option>' in sign_in(owner).get("/settings/business").text
