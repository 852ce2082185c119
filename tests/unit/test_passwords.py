"""What a new password may not be."""

import pytest

from posxero.services.accounts.passwords import problem

OLIVE = ("olive.tui@kowhai.example", "Olive Tūī", "Kōwhai & Co Clothing")


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "q1w2e3r4t5",
        "basketball",
        "christopher",
        "Basketball!",
        "manchester2026",
        "princess99999",
        "..sunshine..",
        "password123",
        "aaaaaaaaaaaa",
        "mypasswordis",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    assert "harder to guess" in problem(password, *OLIVE)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("olive-green-spoon", "“olive”, which is part of the name"),
        ("the-0LIVE-OLIVE-x", "“olive”, which is part of the name"),
        ("green.OliveTui.77", "“olive”, which is part of the name"),
        ("my kōwhai is yellow", "“kowhai”, which is part of the email"),
        ("warm clothing here", "“clothing”, which is part of the business's name"),
        ("short", "10 characters or more"),
        ("x" * 201, "200 characters or fewer"),
    ],
)
def test_what_others_know_is_refused_in_words(password: str, said: str) -> None:
    assert said in problem(password, *OLIVE)


@pytest.mark.parametrize(
    "password",
    ["three unrelated words", "tui bird singing", "Nine yellow spoons", "зелёный чайник", "x9#Lk2!vQz", "an example"],
)
def test_a_good_password_is_taken(password: str) -> None:
    """Words of fewer than four letters ("tui", "co") and the end of the email are nobody's to guess by."""
    assert problem(password, *OLIVE) == ""


def test_a_short_name_counts_whole() -> None:
    assert "“boli”" in problem("Bo.Li.bo.li.99", "b@x.example", "Bo Li")
