"""An address as it stands on a letter."""

import pytest

from posxero.domain.address_lines import address_lines
from posxero.web.places import countries, country_code, currencies

NAPIER = {"line1": "4 Hill Road", "line2": " ", "city": "Napier", "postcode": "4110", "country": "New Zealand"}


@pytest.mark.parametrize(
    ("country", "parts", "lines"),
    [
        ("NZ", NAPIER, ["4 Hill Road", "Napier 4110"]),
        ("NZ", NAPIER | {"region": "Hawke's Bay"}, ["4 Hill Road", "Napier, Hawke's Bay 4110"]),
        ("NZ", {"city": "Auckland", "region": "AUCKLAND", "postcode": "1010"}, ["Auckland 1010"]),
        ("NZ", {"postcode": "1010"}, ["1010"]),
        ("NZ", {"region": "Otago"}, ["Otago"]),
        ("AU", {"city": "Sydney", "region": "NSW", "postcode": "2000"}, ["Sydney NSW 2000"]),
        ("US", {"city": "Austin", "region": "TX", "postcode": "78701"}, ["Austin, TX 78701"]),
        ("GB", {"city": "Rye", "region": "East Sussex", "postcode": "TN31 7AA"}, ["Rye", "East Sussex", "TN31 7AA"]),
        ("DE", {"line1": "Am Markt 1", "city": "Jena", "postcode": "07743"}, ["Am Markt 1", "07743 Jena"]),
        ("DE", {"city": "Jena"}, ["Jena"]),
        ("NZ", {}, []),
    ],
)
def test_the_lines_follow_the_habits_of_the_country(country: str, parts: dict[str, str], lines: list[str]) -> None:
    assert address_lines(parts, country=country, abroad=False) == lines


def test_a_country_abroad_stands_last() -> None:
    assert address_lines(NAPIER, country="NZ", abroad=True)[-1] == "New Zealand"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("New Zealand", "NZ"),
        (" new zealand ", "NZ"),
        ("NZ", "NZ"),
        ("Aotearoa", "NZ"),
        ("UK", "GB"),
        ("England", "GB"),
        ("U.S.A.", "US"),
        ("Côte d’Ivoire", "CI"),
        ("cote d'ivoire", "CI"),
        ("Middle-earth", ""),
        ("", ""),
    ],
)
def test_a_country_is_known_as_people_write_it(written: str, code: str) -> None:
    assert country_code(written) == code


def test_countries_and_currencies_stand_by_name() -> None:
    assert ("NZ", "New Zealand") in countries()
    assert [name for _, name in countries()][:2] == ["Afghanistan", "Åland Islands"]
    assert ("NZD", "New Zealand Dollar") in currencies()
    assert "DEM" not in dict(currencies()), "the mark is history"
