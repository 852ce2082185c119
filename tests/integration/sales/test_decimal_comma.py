"""A shop in a country that writes 12,50 reads its numbers as it types them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.sales_settings import SalesSettings
from posxero.domain.sale_rules import TypedLine
from tests.support import sales

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture
def in_germany(session: Session, business: Business) -> None:
    business.country = "DE"
    session.commit()


@pytest.mark.usefixtures("in_germany")
def test_limits_show_as_they_are_typed(session: Session, sign_in: SignIn, manager: User, ann: Contact) -> None:
    ann.credit_limit = Decimal("123.4")
    session.scalars(select(SalesSettings)).one().default_limit = Decimal(2000)
    session.commit()
    browser = sign_in(manager)
    assert 'value="123,40"' in browser.get(f"/customers/{ann.id}/limit").text
    assert 'value="2000,00"' in browser.get("/settings/sales").text


@pytest.mark.usefixtures("in_germany")
def test_a_quantity_shows_as_it_is_typed(
    session: Session, sign_in: SignIn, manager: User, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann, TypedLine("Wool", "10", "0.5"))
    assert ">0,5</td>" in sign_in(manager).get(f"/sales/{sale.id}").text
