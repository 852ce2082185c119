"""The form of a sale: what it shows, what it keeps, and what stands beside which control."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.contact import Link
from posxero.db.sale import Sale
from posxero.db.sales_settings import SalesSettings
from tests.support import factories, sales
from tests.support.browser import PUBLIC_URL

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

FORM = {
    "description-0": "Socks",
    "price-0": "34.00",
    "quantity-0": "1",
    "sold_on": "2026-11-26",
    "due_on": "2026-12-20",
    "reference": "",
}


def path(contact: Contact) -> str:
    return f"/customers/{contact.id}/sales/new"


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Sale)) or 0


def test_a_sale_is_charged_and_shown(session: Session, sign_in: SignIn, staff: User, ann: Contact) -> None:
    sam = sign_in(staff)
    page = sam.get(path(ann)).text
    assert "New on-account sale" in page
    assert re.search(r'id="sold_on"[^>]*value="\d{4}-\d\d-\d\d"', page)
    answer = sam.submit(path(ann), FORM)
    sale = session.scalars(select(Sale)).one()
    assert (answer.status_code, answer.location) == (303, f"/sales/{sale.id}")
    assert sale.url == f"{PUBLIC_URL}/sales/{sale.id}"
    shown = sam.get(answer.location).text
    assert "$34.00 charged to Ann Smith." in shown
    assert "POS-0001" in shown
    assert "Receipt" in shown


def test_a_charge_takes_few_statements(
    sign_in: SignIn, staff: User, ann: Contact, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    sam = sign_in(staff)
    sam.token()
    with count_statements() as statements:
        assert sam.submit(path(ann), FORM | {"idempotency_key": "k"}).status_code == 303
    assert len(statements) <= 20, "\n".join(statements)


@pytest.mark.parametrize(
    ("changed", "control", "message"),
    [
        ({"price-0": "0"}, "price-0", "Price must be more than 0"),
        ({"quantity-0": "1.23456"}, "quantity-0", "Quantity can have at most 4 decimals"),
        ({"description-0": ""}, "description-0", "Enter what was sold"),
        ({"due_on": "2026-11-01"}, "due_on", "Due date cannot be before the date of the sale"),
        ({"sold_on": "2026-02-29"}, "sold_on", "Date must be a real date"),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_everything_typed_stays(
    session: Session, sign_in: SignIn, staff: User, ann: Contact, changed: dict[str, str], control: str, message: str
) -> None:
    typed = {**FORM, "reference": "=HYPERLINK(1) שלום", "description-1": "🧦", "price-1": "2", "quantity-1": "3"}
    answer = sign_in(staff).submit(path(ann), typed | changed)
    page = answer.text
    assert (answer.status_code, count(session)) == (422, 0)
    assert re.search(rf'id="{control}-error".*?{re.escape(message)}', page)
    assert f'href="#{control}"' in page
    for key, value in (typed | changed).items():
        assert re.search(rf'id="{key}"[^>]*value="{re.escape(value)}"', page), key


def test_more_lines_come_by_one_press(session: Session, sign_in: SignIn, staff: User, ann: Contact) -> None:
    answer = sign_in(staff).submit(path(ann), {**FORM, "add_line": "1"})
    assert (answer.status_code, count(session)) == (200, 0)
    assert 'value="Socks"' in answer.text
    assert 'id="description-1"' in answer.text
    assert "$34.00" in answer.text


def test_the_total_is_told_while_somebody_types(
    session: Session, sign_in: SignIn, staff: User, business: Business, ann: Contact
) -> None:
    sales.charge(session, business, ann)
    ann.credit_limit = Decimal(50)
    session.commit()
    address = f"/customers/{ann.id}/sales/total?description-0=&price-0=12.50&quantity-0=2&description-1=x&price-1=ten"
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#sale-total"}
    answer = sign_in(staff).get(address, headers=headers).text
    assert "$25.00" in answer
    assert "Owes after this sale $59.00 of $50.00 limit: over the limit" in " ".join(answer.split())


def test_over_the_limit_staff_are_told_to_ask_and_managers_for_a_reason(
    session: Session, sign_in: SignIn, staff: User, manager: User, ann: Contact
) -> None:
    ann.credit_limit = Decimal(30)
    session.commit()
    refused = sign_in(staff).submit(path(ann), {**FORM, "over_limit_reason": "I say so"})
    assert refused.status_code == 422
    assert "Ann Smith would owe $34.00: $0.00 now and $34.00 for this sale. The limit is $30.00." in refused.text
    assert "Ask a manager to charge it" in refused.text
    mana = sign_in(manager)
    asked = mana.submit(path(ann), FORM)
    assert "enter a reason" in asked.text
    assert 'id="over_limit_reason"' in asked.text
    assert mana.submit(path(ann), {**FORM, "over_limit_reason": "Pays on Friday"}).status_code == 303
    assert session.scalars(select(Sale.over_limit_reason)).one() == "Pays on Friday"


def test_missing_settings_are_named_with_the_way_to_them(
    session: Session, sign_in: SignIn, staff: User, manager: User, ann: Contact
) -> None:
    session.delete(session.scalars(select(SalesSettings)).one())
    session.commit()
    for_staff, for_manager = sign_in(staff).get(path(ann)).text, sign_in(manager).get(path(ann)).text
    assert "Ask an owner or manager" in for_staff
    assert 'href="/settings/sales"' in for_manager
    assert sign_in(staff).submit(path(ann), FORM).status_code == 422


def test_what_a_sale_replaces_or_empties_in_xero_is_said_before(
    session: Session, sign_in: SignIn, staff: User, ann: Contact
) -> None:
    link = session.scalars(select(Link)).one()
    link.copy = {"values": {"name": "Anne Smith", "email": "ann@shop.example"}}
    session.commit()
    sam = sign_in(staff)
    assert "This sale replaces in Xero: Name" in sam.get(path(ann)).text
    asked = sam.submit(path(ann), FORM)
    assert "Xero has details that are empty here" in asked.text
    assert count(session) == 0
    assert sam.submit(path(ann), {**FORM, "empty_fields": "fill"}).status_code == 303


def test_a_bookkeeper_may_not_sell(sign_in: SignIn, bookkeeper: User, ann: Contact) -> None:
    assert sign_in(bookkeeper).get(path(ann)).status_code == 403


def test_a_comma_is_a_decimal_sign_in_germany(
    session: Session, sign_in: SignIn, staff: User, business: Business, ann: Contact
) -> None:
    business.country = "DE"
    session.commit()
    assert sign_in(staff).submit(path(ann), {**FORM, "price-0": "12,50"}).status_code == 303
    assert session.scalars(select(Sale.total)).one() == Decimal("12.50")


def test_the_customer_of_a_new_sale_is_searched(
    session: Session, sign_in: SignIn, staff: User, business: Business, ann: Contact
) -> None:
    ben = factories.add_contact(session, business, "Ben", customer_code="B1")
    sam = sign_in(staff)
    page = sam.get("/sales/new?q=ann").text
    assert f'href="{path(ann)}"' in page
    assert "Ben" not in page
    assert sam.get("/sales/new?q=B1&open=1").location == path(ben)
