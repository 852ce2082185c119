from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain.xero_phones import PhoneParts, compose, parts_to_send

PART = st.text("0123456789()+ -", max_size=10)


def test_the_parts_are_joined_by_spaces() -> None:
    assert compose(PhoneParts("64", "21", "555 0002")) == "64 21 555 0002"
    assert compose(PhoneParts("", "(626)", "847-1294")) == "(626) 847-1294"
    assert compose(PhoneParts(" ", "", "")) == ""


@given(country=PART, area=PART, number=PART)
@settings(max_examples=100)
def test_an_unchanged_number_goes_back_in_its_parts(country: str, area: str, number: str) -> None:
    parts = PhoneParts(country, area, number)
    assert parts_to_send(compose(parts), parts) == parts


@given(st.text("0123456789 ", max_size=50), PART)
@settings(max_examples=100)
def test_what_is_sent_says_what_we_say(text: str, area: str) -> None:
    parts = PhoneParts("64", area, "555")
    assert compose(parts_to_send(text, parts)).split() == text.split()


def test_an_edited_number_goes_whole() -> None:
    parts = PhoneParts("64", "21", "5550002")
    assert parts_to_send("021 555 0003", parts) == PhoneParts("", "", "021 555 0003")
    assert parts_to_send("", parts) == PhoneParts("", "", "")


def test_an_imported_number_too_long_for_one_part_is_split_as_xero_takes_it() -> None:
    number = "5" * 50
    assert parts_to_send(f"0064 21 {number}", PhoneParts()) == PhoneParts("0064", "21", number)
