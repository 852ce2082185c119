import pytest
from sqlalchemy import Boolean, Date, String

from posxero.db.contact import Contact
from posxero.domain.field import Field, Group, Send
from posxero.domain.field_kinds import DATE, FLAG
from posxero.domain.fields import DAILY, FIELDS, KEYS, MAPPED, PHONES, SENT_IF_EDITED, by_key, groups
from posxero.services.contacts.search.keys import search_columns

FOLDED = search_columns(dict.fromkeys(KEYS, ""), "")
NO_FIELDS = ["business_id", "id", "is_customer", "is_supplier", "version", "revision"]
NO_FIELDS += ["archived_at", "created_at", "updated_at", "credit_limit", "owes", "last_sold_on"]
NO_FIELDS += ["erased_at", "erased_by", "merged_into", "merged_count"]


def test_the_fields_stand_in_the_order_of_the_form() -> None:
    address = ["line1", "line2", "line3", "line4", "city", "region", "postcode", "country"]
    assert list(KEYS) == [
        *["name", "first_name", "last_name", "email", "phone", "mobile", "direct_dial", "fax"],
        *["birthday", "marketing_consent"],
        *[f"street_{part}" for part in address],
        *[f"postal_{part}" for part in address],
        *["company_number", "tax_number", "account_number"],
        *["customer_code", "customer_group", "tags", "notes"],
    ]


def test_what_xero_has_no_place_for_never_leaves_retail_pos() -> None:
    assert [field.key for field in FIELDS if field not in MAPPED] == [
        *["birthday", "marketing_consent", "customer_code", "customer_group", "tags", "notes"]
    ]


def test_every_mapped_field_has_its_own_place_in_xero() -> None:
    places = [field.xero for field in MAPPED]
    assert len(set(places)) == len(places)
    assert by_key("email").xero == "EmailAddress"
    assert by_key("street_line1").xero == "Addresses.STREET.AddressLine1"
    assert by_key("postal_postcode").xero == "Addresses.POBOX.PostalCode"
    assert PHONES == {"DEFAULT": "phone", "MOBILE": "mobile", "DDI": "direct_dial", "FAX": "fax"}


def test_labels_are_those_of_the_screens() -> None:
    assert [field.label for field in groups()[Group.STREET]] == [
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
    column = Contact.__table__.columns[field.key]
    if field.kind in (DATE, FLAG):
        assert isinstance(column.type, Date if field.kind is DATE else Boolean)
        return
    assert isinstance(column.type, String)
    assert column.type.length is None or column.type.length >= field.max_length


def test_every_column_of_a_contact_is_a_field_or_is_known_not_to_be_one() -> None:
    provenance = {column for field in FIELDS if field.provenance for column in field.provenance}
    edited = {f"{key}_edited" for key in SENT_IF_EDITED}
    assert set(Contact.__table__.columns.keys()) == {*KEYS, *provenance, *edited, *FOLDED, *NO_FIELDS}


def test_a_field_has_a_place_in_xero_where_a_push_sends_it_and_nowhere_else() -> None:
    assert [field.key for field in FIELDS if (field.place is None) != (field.send is Send.NEVER)] == []


def test_what_a_push_sends_is_stored_as_text() -> None:
    assert [field.key for field in MAPPED if field.kind.parse is not str or field.kind.render is not str] == []


def test_only_the_tax_number_is_sent_if_edited_for_its_column_alone_remembers_that() -> None:
    assert {"tax_number"} == SENT_IF_EDITED


def test_a_tablet_shows_the_keyboard_that_fits() -> None:
    assert tuple(by_key(key).kind.inputmode for key in ("email", "mobile", "name")) == ("email", "tel", "")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        by_key("website")
