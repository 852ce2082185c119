import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain.fields import KEYS
from posxero.domain.normalise import POSTAL_SAME, clean, with_name
from posxero.domain.text import normalise, normalise_lines

ANY = st.text(st.characters(exclude_categories=[]), max_size=60)  # lone surrogates and controls too


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Bob   Smith ", "Bob Smith"),
        ("Bob\u00a0\u3000Smith", "Bob Smith"),
        ("Bob\r\nSmith\t", "Bob Smith"),
        ("Jose\u0301", "José"),
        ("Bob\x00\x1bSmith", "BobSmith"),
        ("\ud800Bob", "Bob"),
        ("\u202eliam\u202c", "liam"),
        ("\u200b", ""),
        ("👩\u200d🚀 \u200fשלם", "👩\u200d🚀 \u200fשלם"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
    ],
)
def test_a_value_has_one_form(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@given(ANY)
@settings(max_examples=100)
def test_the_one_form_is_its_own_form_and_any_database_holds_it(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "\x00" not in once
    assert once.encode().decode() == once


def test_notes_keep_their_lines() -> None:
    assert normalise_lines("\r\n Likes  blue \r\n\r\nSize\x00 9\n\n") == " Likes  blue\n\nSize 9"


@given(ANY)
@settings(max_examples=100)
def test_notes_have_one_form_too(text: str) -> None:
    once = normalise_lines(text)
    assert normalise_lines(once) == once
    assert once.encode().decode() == once


def test_a_form_gives_every_field_and_no_other() -> None:
    values = clean({"name": " Ann ", "notes": "a\r\nb", "business_id": "7", "sent_revision": "9"})
    assert tuple(values) == KEYS
    assert values["name"] == "Ann"
    assert values["notes"] == "a\nb"
    assert values["fax"] == ""


def test_only_an_empty_name_is_filled_from_the_person() -> None:
    assert with_name({"name": "", "first_name": "Ann", "last_name": "Smith"})["name"] == "Ann Smith"
    assert with_name({"name": "", "first_name": "", "last_name": "Smith"})["name"] == "Smith"
    assert with_name({"name": "Shop", "first_name": "Ann"})["name"] == "Shop"


def test_a_postal_address_that_is_the_same_is_the_street_address() -> None:
    typed = {"street_line1": " 1  Queen Street", "postal_line1": "PO Box 1", "postal_city": "Napier"}
    assert clean(typed)["postal_line1"] == "PO Box 1"
    same = clean({**typed, POSTAL_SAME: "1"})
    assert (same["postal_line1"], same["postal_city"]) == ("1 Queen Street", "Napier")  # no street city was sent
    assert clean({**typed, POSTAL_SAME: "yes"})["postal_line1"] == "PO Box 1"
