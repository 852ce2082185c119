import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain.diff import changes, differences, needs_push, sent_keys, without_reformatting
from posxero.domain.fields import KEYS, MAPPED_KEYS

VALUES = st.fixed_dictionaries(dict.fromkeys(KEYS, st.sampled_from(["", "a", "b", "a ", "A"])))


@given(VALUES, VALUES)
@settings(max_examples=50)
def test_taking_the_differences_over_leaves_none(ours: dict[str, str], theirs: dict[str, str]) -> None:
    found = {difference.key: difference.theirs for difference in differences(ours, theirs)}
    assert differences({**ours, **found}, theirs) == []
    assert {"customer_code", "notes"}.isdisjoint(found)


@given(VALUES, VALUES)
@settings(max_examples=50)
def test_applying_the_changes_gives_what_was_saved(before: dict[str, str], after: dict[str, str]) -> None:
    changed = changes(before, after)
    saved = {**before, **{key: new for key, (_, new) in changed.items()}}
    assert changes(saved, after) == {}
    assert all(before[key] == old for key, (old, _) in changed.items())


def test_a_difference_is_named_as_on_the_form() -> None:
    (found,) = differences({"street_city": "Auckland"}, {"street_city": "Wellington"})
    assert (found.label, found.ours, found.theirs) == ("City (street address)", "Auckland", "Wellington")


def test_spaces_and_forms_of_letters_are_no_difference() -> None:
    assert differences({"name": "José  Ltd "}, {"name": "Jose\u0301 Ltd"}) == []
    assert changes({"name": "Bob  Smith"}, {"name": "Bob Smith"}) == {}


def test_changes_keep_the_order_of_the_form_and_leave_out_what_was_not_submitted() -> None:
    before = {"name": "Ann", "email": "a@shop.example", "fax": "1"}
    assert changes(before, {"email": "b@shop.example", "name": "Anna"}) == {
        "name": ("Ann", "Anna"),
        "email": ("a@shop.example", "b@shop.example"),
    }


def test_notes_are_changed_by_a_new_line() -> None:
    assert changes({"notes": "a b"}, {"notes": "a\nb"}) == {"notes": ("a b", "a\nb")}


def test_xero_need_not_hear_of_notes_and_customer_code() -> None:
    assert not needs_push({"notes", "customer_code"})
    assert needs_push({"notes", "fax"})
    assert not needs_push([])


@pytest.mark.parametrize("masked", ["*****6789", "***-**-6789", "XXX-XX-6789", "•••••6789"])
def test_a_masked_tax_number_is_the_one_it_ends_like(masked: str) -> None:
    assert differences({"tax_number": "123-45-6789"}, {"tax_number": masked}) == []
    assert len(differences({"tax_number": "123-45-0000"}, {"tax_number": masked})) == 1


def test_a_mask_hides_something() -> None:
    assert len(differences({"tax_number": "6789"}, {"tax_number": "*****6789"})) == 1


@pytest.mark.parametrize("theirs", ["6789", "", "123-45-6780", "-6789"])
def test_another_tax_number_is_a_difference(theirs: str) -> None:
    assert len(differences({"tax_number": "123-45-6789"}, {"tax_number": theirs})) == 1


@pytest.mark.parametrize("theirs", ["021 555 0002", "(021) 555-0002", "021–5550002", "021.5550002", "021\u00a05550002"])
def test_the_formatting_of_a_phone_is_no_difference(theirs: str) -> None:
    assert differences({"phone": "0215550002", "fax": ""}, {"phone": theirs, "fax": "-"}) == []
    assert without_reformatting({"phone": ("0215550002", theirs), "email": ("a", "b")}) == ["email"]
    assert changes({"phone": "0215550002"}, {"phone": theirs}), "which is saved here all the same"


@pytest.mark.parametrize("theirs", ["021 555 0003", "+64 21 555 0002", "021 555 0002 x1", ""])
def test_another_number_is_a_difference(theirs: str) -> None:
    assert len(differences({"phone": "0215550002"}, {"phone": theirs})) == 1
    assert without_reformatting({"phone": ("0215550002", theirs)}) == ["phone"]


def test_a_full_tax_number_in_the_place_of_a_masked_one_is_sent() -> None:
    assert without_reformatting({"tax_number": ("*****6789", "123-45-6789")}) == ["tax_number"]


def test_a_tax_number_is_sent_only_when_edited_here() -> None:
    assert sent_keys(tax_number_edited=True) == MAPPED_KEYS
    assert set(MAPPED_KEYS) - set(sent_keys(tax_number_edited=False)) == {"tax_number"}
