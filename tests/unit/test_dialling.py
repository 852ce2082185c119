import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain import dialling

COUNTRIES = ["NZ", "AU", "GB", "US", "CA", "IE", "ZA", "SG", "HK", "FR", "DE", "IT", "NL", "IN", "HU", "FJ"]


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
    number = dialling.read(written, country)
    assert number is not None
    assert (number.e164, number.dialled) == (e164, dialled)


@pytest.mark.parametrize("written", ["", "n/a", "12", "021 555 0002", "x" * 300, "\ud800", "+999 1234567"])
def test_what_no_phone_could_call_is_no_number(written: str) -> None:
    assert dialling.read(written, "") is None


@given(
    country=st.sampled_from(COUNTRIES),
    before=st.sampled_from(["", "+", "00", "0", "1", "+64", "64", "+61", "+1", "+44 ", "+390", "(0)"]),
    rest=st.text("0123456789 ().-", min_size=3, max_size=14),
)
@settings(max_examples=400)
def test_the_quick_way_reads_as_the_thorough_way(country: str, before: str, rest: str) -> None:
    quick = dialling._usual(before + rest, country)
    assert quick is None or quick == dialling._any(before + rest, country)


def test_the_quick_way_reads_what_shops_write() -> None:
    for written in ("021 555 0002", "(09) 555-1234", "+64 9 555 1234"):
        assert dialling._usual(written, "NZ") is not None


def test_digits_are_digits_in_any_script() -> None:
    assert dialling.digits("+64 (0)21-\u0665\u0665\u0665 \uff19\uff19x") == "642155599"


def test_a_key_is_e164_or_the_last_eight_digits() -> None:
    assert dialling.key("021 555 0002", "NZ") == "+64215550002"
    assert dialling.key("021 555 0002", "") == dialling.key("0064 21 555 0002", "") == "15550002"
    assert dialling.key("ext 12", "NZ") == ""
