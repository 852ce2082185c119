"""Which names are nearly the same."""

from __future__ import annotations

import pytest

from posxero.domain.folding import name_key
from posxero.domain.near_names import are_near, near_key


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Ana Reid", "Anna Read", True),
        ("Ana Reid", "Reid, Ana", True),
        ("Zoë O'Brien", "zoe obrien", True),
        ("Kauri Clothing Ltd", "The Kauri Clothing Company", True),
        ("Smith", "Smtih", True),
        ("Dan Lee", "Don Lou", False),
        ("Lee", "Leo", False),
        ("Ana Reid", "Ben Reid", False),
        ("Guest 1", "Guest 2", False),
        ("Guest 1", "Guest 11", False),
        ("Unit 12 Hire", "Unit 12 Hiire", True),
    ],
)
def test_names_are_near_by_sound_and_by_letters(one: str, other: str, near: bool) -> None:  # noqa: FBT001 - a table
    ours, theirs = name_key(one), name_key(other)
    assert (near_key(ours) == near_key(theirs) and are_near(ours, theirs)) is near


def test_an_empty_name_is_near_nobody() -> None:
    assert near_key(name_key("")) == ""
    assert near_key(name_key("Ltd")) == "ltd"
