"""What the headings of files mean: our own, and those of other programs."""

from __future__ import annotations

import pytest

from posxero.domain.csv_columns import HEADINGS, KEYS, guess


def test_our_own_headings_are_known() -> None:
    assert guess(HEADINGS) == [*KEYS]


@pytest.mark.parametrize(
    ("headings", "keys"),
    [
        (
            ["*ContactName", "EmailAddress", "SAAddressLine1", "POCity"],
            ["name", "email", "street_line1", "postal_city"],
        ),
        (["First Name", "Surname", "Mobile number"], ["first_name", "last_name", "mobile"]),
        (["Company", "E-mail", "Suburb", "Post Code"], ["name", "email", "street_line2", "street_postcode"]),
        (["Phone", "phone", "Shoe size", ""], ["phone", "", "", ""]),
    ],
)
def test_headings_of_other_programs_are_guessed(headings: list[str], keys: list[str]) -> None:
    assert guess(headings) == keys
