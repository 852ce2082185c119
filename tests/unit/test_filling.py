from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from posxero.domain.fields import MAPPED_KEYS
from posxero.domain.filling import emptied_in_xero, values_to_fill

values = st.fixed_dictionaries({key: st.sampled_from(["", "a", "b"]) for key in MAPPED_KEYS})
ADDRESS = {"street_line1": "1 Queen St", "street_city": "Auckland"}


def test_empty_fields_are_filled_and_others_stay() -> None:
    assert values_to_fill({"name": "Ann", "phone": "1"}, {"name": "Ann Ltd", "phone": "2", "email": "a@x"}) == {
        "email": "a@x"
    }


def test_an_address_is_not_made_of_two() -> None:
    assert values_to_fill({"street_line1": "9 High St"}, ADDRESS) == {}
    assert values_to_fill({"street_line1": "1  Queen St"}, ADDRESS) == {"street_city": "Auckland"}
    assert values_to_fill({}, ADDRESS) == ADDRESS


def test_a_name_is_not_made_of_two_people() -> None:
    assert values_to_fill({"first_name": "Bob"}, {"first_name": "Ann", "last_name": "Lee"}) == {}


@given(ours=values, theirs=values)
def test_nothing_that_is_here_is_changed_and_filling_twice_adds_nothing(
    ours: dict[str, str], theirs: dict[str, str]
) -> None:
    filled = values_to_fill(ours, theirs)
    assert all(not ours[key] and filled[key] == theirs[key] for key in filled)
    assert values_to_fill(ours | filled, theirs) == {}


def test_what_somebody_emptied_is_meant() -> None:
    theirs = {"email": "a@x", "phone": "1"}
    assert [one.key for one in emptied_in_xero({}, theirs, keys=MAPPED_KEYS, emptied_here=["phone"])] == ["email"]
