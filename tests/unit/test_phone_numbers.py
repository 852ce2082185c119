from random import Random

import phonenumbers
import pytest

from posxero.domain import phone_numbers

COUNTRIES = [
    "NZ",
    "AU",
    "GB",
    "US",
    "CA",
    "IE",
    "ZA",
    "SG",
    "HK",
    "FR",
    "DE",
    "IT",
    "NL",
    "IN",
    "HU",
    "FJ",
    "CO",
    "IL",
    "RU",
    "CG",
    "BR",
]


@pytest.mark.parametrize(
    ("written", "country", "e164", "dialled"),
    [
        ("021 555 0002", "NZ", "+64215550002", "0215550002"),
        ("+64 21 555 0002", "", "+64215550002", "0215550002"),
        ("+64 (0)21 555 0002", "NZ", "+64215550002", "0215550002"),
        ("64 21 5550002", "NZ", "+64215550002", "0215550002"),
        ("(415) 555-2671", "US", "+14155552671", "14155552671"),
        ("0412.345.678", "AU", "+61412345678", "0412345678"),
        ("06 1234 5678", "IT", "+390612345678", "0612345678"),
        ("09 555 1234 ext 12", "NZ", "+6495551234", "095551234"),
    ],
)
def test_a_number_is_read_as_its_country_dials_it(written: str, country: str, e164: str, dialled: str) -> None:
    number = phone_numbers.parse(written, country)
    assert number is not None
    assert (number.e164, number.national_format) == (e164, dialled)


@pytest.mark.parametrize("written", ["", "n/a", "12", "021 555 0002", "x" * 300, "\ud800", "+999 1234567"])
def test_what_no_phone_could_call_is_no_number(written: str) -> None:
    assert phone_numbers.parse(written, "") is None


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_quick_way_reads_as_the_thorough_way(country: str) -> None:
    number = phonenumbers.example_number(country)
    assert number is not None
    example = phonenumbers.national_significant_number(number)
    abroad, trunk, random = f"+{number.country_code}", phone_numbers._trunk(number.country_code or 0), Random(country)
    for before in ("", abroad, abroad + trunk, trunk, trunk * 2, "00", "011", "0", "1", "+1", "(0)", abroad + " (0)"):
        for _ in range(20):
            tail = "".join(random.choices("0123456789", k=random.randrange(5, 9)))
            written = before + random.choice([example, example[:-1], "0" + example, example[:3] + tail, tail])
            quick = phone_numbers._parse_common(written, country)
            assert quick is None or quick == phone_numbers._parse_any(written, country), written


def test_the_quick_way_reads_what_shops_write() -> None:
    for written in ("021 555 0002", "(09) 555-1234", "+64 9 555 1234"):
        assert phone_numbers._parse_common(written, "NZ") is not None


def test_digits_are_digits_in_any_script() -> None:
    assert phone_numbers.digits("+64 (0)21-\u0665\u0665\u0665 \uff19\uff19x") == "642155599"


def test_a_key_is_e164_or_the_last_eight_digits() -> None:
    assert phone_numbers.key("021 555 0002", "NZ") == "+64215550002"
    assert phone_numbers.key("021 555 0002", "") == phone_numbers.key("0064 21 555 0002", "") == "15550002"
    assert phone_numbers.key("ext 12", "NZ") == ""


def test_what_may_be_a_trunk_prefix_is_left_to_the_thorough_way() -> None:
    assert phone_numbers._parse_common("+3758185365398", "BY") is None
    assert phone_numbers.parse("+3758185365398", "BY") == phone_numbers.Number(375, "185365398")
