"""Who has an email, a mobile or a phone already: found while it is typed, and asked about when a customer is added."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from posxero.db.contact import Contact
from posxero.domain.columns import columns_of
from posxero.domain.fields import KEYS
from posxero.services.contacts.duplicates import known as duplicates
from posxero.services.contacts.search import keys
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    Counting = Callable[[], AbstractContextManager[list[str]]]

KNOWN = "/customers/new/known"


@pytest.fixture
def tablet(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    """Sam's, signed in."""
    return sign_in(staff)


@pytest.fixture
def aroha(session: Session, business: Business, other_business: Business) -> Contact:
    """A customer of the shop, beside a namesake in the next one."""
    details: dict[str, Any] = {"email": "Aroha@x.example", "mobile": "+64 21 555 0002"}
    details |= {"phone": "(09) 555 1234", "fax": "09 555 9999"}
    factories.add_contact(session, other_business, "Aroha of Rata", **details)
    return factories.add_contact(session, business, "Aroha Åkesson", **details)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({"email": "aroha@X.example "}, ("email",)),
        ({"mobile": "021 555 0002"}, ("mobile",)),
        ({"phone": "0064-21-5550002"}, ("phone",)),
        ({"phone": "09 555 1234", "email": "aroha@x.example"}, ("email", "phone")),
        ({"mobile": "021 555 0002", "phone": "021 555 0002"}, ("mobile", "phone")),
        ({"mobile": "09 555-1234"}, ("mobile",)),
    ],
)
def test_whoever_has_it_is_found_however_it_is_written(
    session: Session, business: Business, aroha: Contact, typed: dict[str, str], same: tuple[str, ...]
) -> None:
    (known,) = duplicates.find(session, business, typed)
    assert (known.id, known.name, known.same) == (aroha.id, "Aroha Åkesson", same)


@pytest.mark.usefixtures("aroha")
@pytest.mark.parametrize(
    "typed",
    [{}, {"email": "aroha"}, {"email": "aroha@x.exampl"}, {"mobile": "021 555 000"}, {"phone": "%"}, {"phone": "5"}],
)
def test_what_nobody_has_finds_nobody(session: Session, business: Business, typed: dict[str, str]) -> None:
    assert duplicates.find(session, business, typed) == []


def test_a_number_that_many_share_names_a_few(session: Session, business: Business) -> None:
    for number in range(9):
        factories.add_contact(session, business, f"Ann {number}", phone="09 555 1234", email="shop@x.example")
    found = duplicates.find(session, business, {"phone": "09 555 1234", "email": "shop@x.example"})
    assert len(found) == duplicates.FOUND_MAX
    assert len({known.id for known in found}) == duplicates.FOUND_MAX


@pytest.mark.usefixtures("aroha")
def test_it_costs_one_statement(tablet: Browser, count_statements: Counting) -> None:
    asked = f"{KNOWN}?email=aroha%40x.example&mobile=021+555+0002&phone=09+555+1234"
    with count_statements() as statements:
        part = tablet.part(asked, "div#known").text
    assert "Is this Aroha Åkesson?" in part
    reading = [one for one in statements if " FROM " in one.replace("\n", " ")]
    assert len(reading) == 2, reading  # the first one asks who is signed in
    assert "UPDATE" not in " ".join(statements)
    with count_statements() as statements:
        assert "Is this" not in tablet.part(KNOWN, "div#known").text
    assert not [one for one in statements if "phone_key" in one]


def test_each_part_looks_into_one_index(session: Session, business: Business) -> None:
    for number in range(300):  # of a handful PostgreSQL would read all
        values = dict.fromkeys(KEYS, "") | {"name": f"Ann {number}", "email": f"{number}@x.example"}
        values |= {"phone": f"09 555 {number:04}", "mobile": f"021 555 {number:04}"}
        times = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
        session.add(
            Contact(
                business_id=business.id, **times, **columns_of(values), **keys.search_columns(values, business.country)
            )
        )
    session.commit()
    session.execute(text("ANALYZE"))
    written = duplicates.STATEMENT.params(
        business_id=business.id, email="7@x.example", phones=["+6495550007", "+64215550007"]
    ).compile(session.connection(), compile_kwargs={"literal_binds": True, "render_postcompile": True})
    explain = "EXPLAIN" if session.connection().dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    plan = "\n".join(str(row) for row in session.execute(text(f"{explain} {written}")))
    for index in ("ix_contact_email_key", "ix_contact_phone_key", "ix_contact_mobile_key"):
        assert index in plan, plan
    assert "SCAN contact" not in plan
    assert "Seq Scan on contact" not in plan


def test_a_country_that_changes_folds_them_again(session: Session, business: Business, aroha: Contact) -> None:
    aroha.mobile = "020 7946 0100"
    business.country = "GB"
    session.commit()
    keys.refold(session, business.id)
    (known,) = duplicates.find(session, business, {"mobile": "+44 20 7946 0100"})
    assert known.id == aroha.id


def test_while_typing_one_tap_opens_whoever_has_it(tablet: Browser, aroha: Contact) -> None:
    part = tablet.part(f"{KNOWN}?mobile=021+555+0002", "div#known").text
    assert "<html" not in part
    assert "Is this Aroha Åkesson?" in part
    assert "same mobile" in part
    assert f'href="/customers/{aroha.id}"' in part
    assert 'name="confirm_duplicate" value="1">Save anyway' in part
    assert tablet.get(KNOWN).location == "/customers/new"


def test_suppliers_are_asked_about_too(session: Session, tablet: Browser, aroha: Contact) -> None:
    part = tablet.part("/suppliers/new/known?mobile=021+555+0002", "div#known").text
    assert f'href="/suppliers/{aroha.id}"' in part
    assert "a customer" in part
    answer = tablet.submit("/suppliers/new", {"name": "Kea Ltd", "phone": "+64 21 555 0002"})
    assert answer.status_code == 422
    assert "Is this Aroha Åkesson?" in answer.text
    assert session.scalar(select(func.count()).select_from(Contact)) == 2


def test_without_javascript_it_comes_after_save(session: Session, tablet: Browser, aroha: Contact) -> None:
    typed = {"name": "A. Akesson", "email": "aroha@x.example", "notes": "Likes blue", "idempotency_key": "1"}
    answer = tablet.submit("/customers/new", typed)
    assert answer.status_code == 422
    assert "Is this Aroha Åkesson?" in unescape(answer.text)
    assert f'href="/customers/{aroha.id}"' in answer.text
    assert "Likes blue" in answer.text
    assert tablet.submit("/customers/new", {**typed, "confirm_duplicate": "1"}).status_code == 303
    assert session.scalar(select(func.count()).select_from(Contact)) == 3


def test_an_archived_one_is_named_as_that(session: Session, tablet: Browser, aroha: Contact) -> None:
    aroha.archived_at = LONG_AGO
    session.commit()
    assert "archived" in tablet.part(f"{KNOWN}?mobile=021+555+0002", "div#known").text


@pytest.mark.usefixtures("aroha")
def test_editing_asks_only_about_the_same_name_and_email(session: Session, tablet: Browser, business: Business) -> None:
    bob = factories.add_contact(session, business, "Bob")
    answer = tablet.submit(f"/customers/{bob.id}/edit", {"version": "1", "mobile": "021 555 0002"})
    assert answer.status_code == 303
