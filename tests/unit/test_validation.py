from datetime import date

import pytest

from posxero.domain.field_rules import RuleContext
from posxero.domain.fields import FIELDS, KEYS
from posxero.domain.kinds import ContactKind
from posxero.domain.normalise import clean
from posxero.domain.text import utf16_length
from posxero.domain.validation import check

CONTEXT = RuleContext(date(2026, 11, 24))
NO_PHONE = "Phone numbers have at most 15, including the country code"


def message(key: str, value: str) -> str:
    return check(clean({"name": "Ann", key: value}), changed=[key], context=CONTEXT).get(key, "")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", "  ", "Enter the customer's name"),
        ("name", "x" * 300, "Name must be 255 characters or fewer. It is 300 characters now"),
        ("name", "<b>Ann", "Name cannot contain < or >"),
        ("email", "ann", "Enter an email address like name@example.com"),
        ("email", "ann@shop", "Enter an email address like name@example.com"),
        ("email", "Ann <ann@shop.example>", "Enter an email address like name@example.com"),
        ("email", "a@shop.example, b@shop.example", "Enter an email address like name@example.com"),
        ("email", "ann..b@shop.example", "Enter an email address like name@example.com"),
        ("email", "ann@-shop.example", "Enter an email address like name@example.com"),
        ("email", "x" * 65 + "@shop.example", "Enter an email address like name@example.com"),
        ("email", "müller@shop.example", "Xero does not accept letters like ü in an email address"),
        ("email", "ann@shöp.example", "Xero does not accept letters like ö in an email address"),
        ("email", "😀@shop.example", "Xero does not accept characters like 😀 in an email address"),
        ("phone", "1" * 51, "Phone must be 50 characters or fewer. It is 51 characters now"),
        *[
            (key, "+64 21 555 0002 0002 0002", f"{label} has 19 digits. {NO_PHONE}")
            for key, label in (("phone", "Phone"), ("mobile", "Mobile"), ("direct_dial", "Direct line"), ("fax", "Fax"))
        ],
        ("phone", "1" * 16, f"Phone has 16 digits. {NO_PHONE}"),
        ("phone", "021 555 0002 09 555 1234", f"Phone has 18 digits. {NO_PHONE}"),
        ("phone", "۱" * 20, f"Phone has 20 digits. {NO_PHONE}"),
        ("street_country", "NZ 2", "Country (street address) can only contain letters, spaces and . ' & ( ) -"),
        ("postal_country", "N/A", "Country (postal address) can only contain letters, spaces and . ' & ( ) -"),
        ("street_city", "x" * 256, "City (street address) must be 255 characters or fewer. It is 256 characters now"),
        ("birthday", "1990-02-29", "Birthday must be a real date, like 1990-12-31"),
        ("birthday", "31/12/1990", "Birthday must be a real date, like 1990-12-31"),
        ("birthday", "19901231", "Birthday must be a real date, like 1990-12-31"),
        ("birthday", "1990-W52-1", "Birthday must be a real date, like 1990-12-31"),
        ("birthday", "۱۹۹۰-12-31", "Birthday must be a real date, like 1990-12-31"),
        ("birthday", "2026-11-25", "Birthday cannot be in the future"),
        ("birthday", "1899-12-31", "Birthday cannot be before 1900"),
        ("marketing_consent", "maybe", "Choose Yes or No for Marketing consent"),
        ("notes", "x" * 4001, "Notes must be 4000 characters or fewer. It is 4001 characters now"),
    ],
)
def test_what_xero_must_refuse_is_said_in_plain_words(key: str, value: str, said: str) -> None:
    assert message(key, value) == said


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "O'Brien & Söhne 😀 דוד"),
        ("email", ""),
        ("email", "ann.o'brien+shop@mail.shop.co.nz"),
        ("email", "ann@xn--shp-tna.example"),
        ("street_country", "Côte d'Ivoire"),
        ("street_country", "Bosnia & Herzegovina (Rep.) - भारत"),
        ("street_line1", "<script>"),
        ("phone", "+64 (0)21 555 0002 ext 9"),
        ("phone", "9" * 15),
        ("phone", "0011 64 21 555 0002"),
        ("phone", "021 555 0002 / 09 555 1234"),
        ("phone", "+1 415 555 0100 x1234567890"),
        ("phone", "0800 FLOWERS"),
        ("fax", "none"),
        ("birthday", "2026-11-24"),
        ("birthday", " 1900-01-01 "),
        ("birthday", "2000-02-29"),
        ("birthday", ""),
        ("marketing_consent", "yes"),
        ("marketing_consent", "No"),
    ],
)
def test_what_xero_takes_is_taken(key: str, value: str) -> None:
    assert message(key, value) == ""


def test_a_supplier_is_called_a_supplier() -> None:
    supplier = RuleContext(date(2026, 11, 24), ContactKind.SUPPLIER)
    assert check(clean({}), changed=["name"], context=supplier) == {"name": "Enter the supplier's name"}


def test_an_imported_value_that_breaks_a_rule_is_left_alone() -> None:
    values = clean({"name": "<b>", "email": "n/a", "phone": "1" * 80, "city": "Ōtautahi"})
    assert check(values, changed={"street_city"}, context=CONTEXT) == {}


def test_a_new_customer_is_checked_whole() -> None:
    assert check(clean({"email": "x"}), changed=KEYS, context=CONTEXT).keys() == {"name", "email"}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_field_has_an_end(field: object) -> None:
    assert isinstance(field, type(FIELDS[0]))
    over = "x" * (field.max_length + 1)
    assert (
        "characters or fewer"
        in check({"name": "Ann", field.key: over}, changed=[field.key], context=CONTEXT)[field.key]
    )


def test_an_emoji_counts_as_two_as_browsers_and_xero_count() -> None:
    assert utf16_length("a😀") == 3
    assert "It is 256 characters now" in message("name", "😀" * 128)


def test_a_very_long_email_is_refused_at_once() -> None:
    assert "characters or fewer" in message("email", "a." * 50_000 + "@" + "a." * 50_000)
