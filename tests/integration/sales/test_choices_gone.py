"""Settings of a shop that sells on account, when what they name has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.domain.enums import SaleStatus
from tests.support import sales

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

SAID = {"name": "Kiwi Shop", "country": "NZ", "currency": "NZD", "timezone": "Pacific/Auckland"}


def test_the_currency_stays_while_customers_owe_in_it(
    session: Session, sign_in: SignIn, owner: User, business: Business, ann: Contact
) -> None:
    browser = sign_in(owner)
    sale = sales.charge(session, business, ann)
    answer = browser.submit("/settings/business", SAID | {"currency": "AUD"})
    assert answer.status_code == 422
    assert "Customers still owe for sales in NZD." in answer.text
    assert browser.submit("/settings/business", SAID | {"name": "Kiwi"}).status_code == 303
    sale.status = SaleStatus.VOIDED
    session.commit()
    assert browser.submit("/settings/business", SAID | {"currency": "AUD"}).status_code == 303


def test_an_account_and_a_tax_rate_that_xero_has_no_more_are_asked_for(
    session: Session,
    sign_in: SignIn,
    manager: User,
    ann: Contact,  # noqa: ARG001 - the settings of its shop
) -> None:
    settings = session.scalars(select(SalesSettings)).one()
    settings.account_code, settings.tax_type = "999", "GONE2"
    session.commit()
    answer = sign_in(manager).get("/settings/sales")
    assert answer.status_code == 200
    assert "Account 999 can&#39;t be used in Xero any more. Choose another income account." in answer.text
    assert "The tax rate for sales can&#39;t be used in Xero any more." in answer.text
    assert "GONE2" not in answer.text


def test_read_them_again_marks_the_organisation_due(
    session: Session,
    sign_in: SignIn,
    manager: User,
    ann: Contact,  # noqa: ARG001 - the settings of its shop
) -> None:
    before = session.scalars(select(OrganisationSettings)).one().due_at
    assert sign_in(manager).submit("/settings/sales/refresh", {}).status_code == 303
    assert session.scalars(select(OrganisationSettings).execution_options(populate_existing=True)).one().due_at < before
