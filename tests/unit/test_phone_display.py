"""A phone number is shown in one way, whatever was typed, and nothing that was typed is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posxero.domain.phone_display import dial_string, format_phone
from posxero.domain.phone_numbers import parse


@pytest.mark.parametrize(
    "typed",
    ["021 555 0002", "0215550002", "+64 21 555 0002", "64 21 555 0002", "(021) 555-0002", "+64 (0)21 555 0002"],
)
def test_one_number_is_shown_in_one_way(typed: str) -> None:
    assert format_phone(typed, "NZ") == "021 555 0002"
    assert dial_string(typed, "NZ") == "+64215550002"


@pytest.mark.parametrize(
    ("typed", "country", "seen"),
    [
        ("+61 2 9374 4000", "NZ", "+61 2 9374 4000"),
        ("0061293744000", "NZ", "+61 2 9374 4000"),
        ("+61293744000", "AU", "(02) 9374 4000"),
        ("021 555 0002", "", "021 555 0002"),
        ("+64215550002", "", "+64 21 555 0002"),
        ("+39 06 6982", "NZ", "+39 06 6982"),
        ("0669821234", "IT", "06 6982 1234"),
        ("2125550123", "US", "(212) 555-0123"),
        ("09 555 1234 ext 12", "NZ", "09 555 1234 ext. 12"),
        ("09 555 1234x7", "NZ", "09 555 1234 ext. 7"),
        ("021 555 0002, ask for Ria", "NZ", "021 555 0002, ask for Ria"),
        ("021 555 0002 / 021 555 0003", "NZ", "021 555 0002 / 021 555 0003"),
        ("ask at the till", "NZ", "ask at the till"),
        ("12", "NZ", "12"),
        ("022 645858", "NZ", "022 645858"),
        ("000", "DE", "000"),
        ("", "NZ", ""),
    ],
)
def test_abroad_and_what_is_no_number(typed: str, country: str, seen: str) -> None:
    assert format_phone(typed, country) == seen


def test_an_extension_is_dialled_and_words_are_left_to_the_telephone() -> None:
    assert dial_string("09 555 1234 ext 12", "NZ") == "+6495551234;ext=12"
    assert dial_string("ask Ria", "NZ") == "askRia"


@given(st.text(alphabet="0123456789+()-. /x#", max_size=24), st.sampled_from(["NZ", "AU", "US", "GB", "IT", "DE", ""]))
def test_what_is_shown_is_the_number_that_was_typed(typed: str, country: str) -> None:
    seen = format_phone(typed, country)
    if seen != typed and "ext." not in seen:
        assert parse(seen, country) == parse(typed.strip(), country)
        assert format_phone(seen, country) == seen
