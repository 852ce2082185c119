"""Bad input and bad days at the till: a sentence beside the cause, everything typed still there, nothing half saved."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select

from posxero.db.activity import Activity
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.sale import Sale, SaleLine
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.domain.enums import ConnectionState
from posxero.services.push import linking
from posxero.web import request_time
from tests.integration.sales.test_sale_form import FORM, path
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

TYPED = {**FORM, "reference": "Ria", "description-1": "Hat", "price-1": "2", "quantity-1": "3"}


@pytest.fixture
def sam(sign_in: SignIn, staff: User) -> Browser:
    return sign_in(staff)


def counts(session: Session) -> tuple[int, ...]:
    """Count what a sale leaves behind."""
    session.rollback()
    tables = (Sale, SaleLine, Activity)
    return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def kept(page: str, typed: dict[str, str]) -> list[str]:
    """List the controls that do not show what was typed."""
    shown = {key: re.search(rf'id="{key}"[^>]*value="([^"]*)"', page) for key in typed}
    return [key for key, found in shown.items() if found is None or html.unescape(found[1]) != typed[key]]


def refuse(sam: Browser, session: Session, ann: Contact, **changed: str) -> str:
    """Send the form, which must be refused with everything kept; return the page."""
    before, typed = counts(session), TYPED | changed
    answer = sam.submit(path(ann), typed)
    assert (answer.status_code, counts(session)) == (422, before), changed
    assert kept(answer.text, typed) == []
    return html.unescape(answer.text)


def error(page: str, control: str) -> str:
    found = re.search(rf'id="{control}-error"[^>]*>(.*?)</p>', page, re.DOTALL)
    return re.sub("<[^>]*>", "", found[1]).removeprefix("Error:").strip() if found else ""


@pytest.mark.parametrize(
    ("control", "typed", "message"),
    [
        ("price-0", "", "Enter a price like 12.50"),
        ("price-0", "0", "Price must be more than 0"),
        ("price-0", "-12", "Price must be more than 0"),
        ("price-0", "twelve", "Enter a price like 12.50"),
        ("price-0", "1e9", "Enter a price like 12.50"),
        ("price-0", "NaN", "Enter a price like 12.50"),
        ("price-0", "1000000000", "Price can be at most 9,999,999.99"),
        ("price-0", "1.2345678", "Price can have at most 2 decimals"),
        ("price-0", "12,50", "Enter a price like 12.50"),
        ("price-0", "١٢", "Enter a price like 12.50"),
        ("quantity-1", "0", "Quantity must be more than 0"),
        ("quantity-1", "-1", "Quantity must be more than 0"),
        ("quantity-1", "two", "Enter a quantity like 1 or 2"),
        ("quantity-1", "1e9", "Enter a quantity like 1 or 2"),
        ("quantity-1", "Infinity", "Enter a quantity like 1 or 2"),
        ("quantity-1", "½", "Enter a quantity like 1 or 2"),
        ("quantity-1", "1,5", "Enter a quantity like 1 or 2"),
        ("quantity-1", "0.1234567", "Quantity can have at most 4 decimals"),
        ("quantity-1", "1000000000", "Quantity can be at most 9,999,999.99"),
        ("quantity-1", "0.0001", "This line comes to 0.00"),
    ],
)
def test_numbers_that_are_none(
    session: Session, sam: Browser, ann: Contact, control: str, typed: str, message: str
) -> None:
    beside = "price-1" if "0.00" in message else control
    assert message in error(refuse(sam, session, ann, **{control: typed}), beside)


def test_dates_that_are_none(session: Session, sam: Browser, ann: Contact) -> None:
    with writing(session):
        session.scalars(select(OrganisationSettings)).one().locked_until = date(2026, 3, 31)
    for changed, message in (
        ({"due_on": "2026-11-25"}, "Due date cannot be before the date of the sale"),
        ({"sold_on": "2026-02-29"}, "Date must be a real date"),
        ({"sold_on": "2026-03-31"}, "The books in Xero are locked up to 31 March 2026. Choose a later date"),
        ({"sold_on": ""}, "Date must be a real date"),
        ({"due_on": "20/12/2026"}, "Due date must be a real date"),
    ):
        (control,) = changed
        assert message in error(refuse(sam, session, ann, **changed), control), changed


def test_words_of_any_kind_are_kept_as_they_are(session: Session, sam: Browser, ann: Contact) -> None:
    page = refuse(sam, session, ann, **{"description-0": "x" * 4001})
    assert "Description has 4,001 characters. It can have at most 4,000" in error(page, "description-0")
    assert "255 characters" in error(refuse(sam, session, ann, reference="x" * 256), "reference")
    words = ("🧦" * 2000, '=HYPERLINK("http://a.example","x")', "שלום abc", "<script>alert(1)</script>")
    lines = {f"description-{number}": one for number, one in enumerate(words)}
    more = {f"{key}-{number}": value for number in range(4) for key, value in (("price", "1"), ("quantity", "1"))}
    answer = sam.submit(path(ann), FORM | lines | more)
    assert answer.status_code == 303
    session.rollback()
    stored = session.scalars(select(SaleLine.description).order_by(SaleLine.position)).all()
    assert list(stored) == list(words)
    for address in (answer.location, f"{answer.location}/receipt"):
        assert "<script>alert" not in sam.get(address).text
    assert sam.submit(path(ann), FORM | {"description-0": "a\x00b"}).status_code in {303, 422}


def test_a_country_writes_a_comma(session: Session, sam: Browser, business: Business, ann: Contact) -> None:
    business.country = "DE"
    session.commit()
    assert "like 12,50" in error(refuse(sam, session, ann, **{"price-0": "zwölf"}), "price-0")
    assert sam.submit(path(ann), FORM | {"price-0": "1.234,50", "quantity-0": "0,5"}).status_code == 303
    session.rollback()
    assert session.scalars(select(Sale.total)).one() == Decimal("617.25")


def test_leap_days_and_the_end_of_daylight_saving_time(
    session: Session, sam: Browser, business: Business, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    business.timezone = "Pacific/Auckland"
    session.commit()
    for utc, day in (
        (datetime(2028, 2, 28, 11, 30, tzinfo=UTC), "2028-02-29"),
        (datetime(2026, 4, 4, 11, 30, tzinfo=UTC), "2026-04-05"),  # half past midnight, before the clocks go back
        (datetime(2026, 4, 5, 11, 30, tzinfo=UTC), "2026-04-05"),  # half past eleven at night, after it
    ):
        monkeypatch.setattr(request_time, "request_time", lambda moment=utc: moment)
        assert f'value="{day}"' in sam.get(path(ann)).text


def change_settings(session: Session, **columns: Any) -> None:
    with writing(session):
        row = session.scalars(select(SalesSettings)).one()
        for column, value in columns.items():
            setattr(row, column, value)


def test_settings_that_went_away_while_somebody_typed(session: Session, sam: Browser, ann: Contact) -> None:
    change_settings(session, tax_type="RETIRED")
    assert "The tax rate for sales can't be used in Xero any more." in refuse(sam, session, ann)
    change_settings(session, tax_type="OUTPUT2", account_code="999")
    assert "Account 999 can't be used in Xero any more." in refuse(sam, session, ann)
    with writing(session):
        session.execute(delete(SalesSettings))
    page = refuse(sam, session, ann)
    assert "Choose the income account and the tax rate for sales on account first." in page
    assert "Ask an owner or manager to do it in Settings." in page


def test_a_customer_who_was_unlinked_or_removed_while_somebody_typed(
    session: Session, sam: Browser, business: Business, ann: Contact
) -> None:
    linking.unlink(session, business.id, ann.id, by="Mana", now=now())
    assert sam.submit(path(ann), FORM).status_code == 303
    session.rollback()
    link = session.scalars(select(Link)).one()
    assert (link.xero_id, link.match_first) == (None, True)
    with writing(session):
        session.delete(session.get_one(Contact, (business.id, ann.id)))
    assert sam.submit(path(ann), FORM).status_code == 404


def test_a_lost_connection_stops_no_sale(session: Session, sam: Browser, ann: Contact) -> None:
    with writing(session):
        connection = session.scalars(select(Connection)).one()
        connection.state, connection.reason = ConnectionState.LOST, "Xero doesn't accept the consent any more."
    answer = sam.submit(path(ann), FORM)
    assert answer.status_code == 303
    assert "Paused" in sam.get(answer.location).text


def test_a_form_counts_once(session: Session, sam: Browser, ann: Contact) -> None:
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]*)"', sam.get(path(ann)).text)
    assert key is not None
    typed = FORM | {"idempotency_key": key[1]}
    first = sam.submit(path(ann), typed).location
    assert sam.submit(path(ann), typed).location == first, "a reload, or a second try after a lost answer"
    again = sam.submit(path(ann), typed | {"price-0": "35.00"})
    assert (again.status_code, counts(session)[0]) == (422, 1)
    assert "You charged this form already, as sale POS-0001" in again.text
    assert 'value="35.00"' in again.text
    fresh = re.search(r'name="idempotency_key"[^>]*value="([^"]*)"', again.text)
    assert fresh is not None
    assert sam.submit(path(ann), typed | {"price-0": "35.00", "idempotency_key": fresh[1]}).status_code == 303
    assert counts(session)[0] == 2


@pytest.mark.slow
def test_messages_of_pages_that_were_never_opened_do_not_fill_the_cookie(
    sam: Browser, ann: Contact, recwarn: pytest.WarningsRecorder
) -> None:
    for number in range(60):
        assert sam.submit(path(ann), TYPED | {"idempotency_key": f"k{number}"}).status_code == 303
    assert not recwarn.list, "Werkzeug warns of a cookie that browsers ignore"
    assert sam.get("/customers").text.count("charged to") == 3
    assert "charged to" not in sam.get("/customers").text
