import pytest
from sqlalchemy import String

from posxero.db.contact import Contact
from posxero.domain.fields import DAILY, FIELDS, KEYS, MAPPED, PHONES, Field, by_key, groups


def test_the_fields_stand_in_the_order_of_the_form() -> None:
    address = ["line1", "line2", "line3", "line4", "city", "region", "postcode", "country"]
    assert list(KEYS) == [
        *["name", "first_name", "last_name", "email", "phone", "mobile", "direct_dial", "fax"],
        *[f"street_{part}" for part in address],
        *[f"postal_{part}" for part in address],
        *["company_number", "tax_number", "account_number", "customer_code", "notes"],
    ]


def test_only_customer_code_and_notes_never_leave_retail_pos() -> None:
    assert [field.key for field in FIELDS if field not in MAPPED] == ["customer_code", "notes"]


def test_every_mapped_field_has_its_own_place_in_xero() -> None:
    places = [field.xero for field in MAPPED]
    assert len(set(places)) == len(places)
    assert by_key("email").xero == "EmailAddress"
    assert by_key("street_line1").xero == "Addresses.STREET.AddressLine1"
    assert by_key("postal_postcode").xero == "Addresses.POBOX.PostalCode"
    assert PHONES == {"DEFAULT": "phone", "MOBILE": "mobile", "DDI": "direct_dial", "FAX": "fax"}


def test_labels_are_those_of_the_screens() -> None:
    assert [field.label for field in groups()["Street address"]] == [
        "Address line 1",
        "Address line 2",
        "Address line 3",
        "Address line 4",
        "City",
        "Region",
        "Postcode",
        "Country",
    ]
    assert by_key("street_city").full_label == "City (street address)"
    assert by_key("phone").full_label == "Phone"
    assert by_key("direct_dial").label == "Direct line"
    assert by_key("company_number").group == "Business details"


def test_what_is_edited_daily_stands_in_the_order_of_the_form() -> None:
    assert [field.key for field in DAILY][:5] == ["name", "email", "mobile", "phone", "street_line1"]
    assert list(groups(DAILY)) == ["Name", "Email and phone", "Street address"]


def test_groups_hold_every_field_once() -> None:
    assert [field for group in groups().values() for field in group] == list(FIELDS)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_a_column_holds_what_its_field_may_be(field: Field) -> None:
    kind = Contact.__table__.columns[field.key].type
    assert isinstance(kind, String)
    assert kind.length is None or kind.length >= field.max_length


def test_a_tablet_shows_the_keyboard_that_fits() -> None:
    assert (by_key("email").inputmode, by_key("mobile").inputmode, by_key("name").inputmode) == ("email", "tel", "")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        by_key("website")
