import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain.folding import name_key, search_text
from posxero.domain.query import LENGTH_MAX, TERMS_MAX, Query, parse

ANN = {
    "name": "Ānn O'Brien & Søn",
    "first_name": "Ann",
    "last_name": "O'Brien",
    "email": "ann.obrien@shop.example",
    "phone": "021 555 0002",
    "direct_dial": "+64 (0)9 480 1234 ext 7",
    "customer_code": "L-00017",
    "company_number": "12-345",
}


def finds(typed: str, values: dict[str, str], country: str = "NZ") -> bool:
    """Do what the two statements do: the range of names, or every pattern."""
    query, text = parse(typed), search_text(values, country)
    named = query.name_prefix <= name_key(values["name"]) < query.name_end
    return bool(query) and (
        named or (bool(query.terms) and all(pattern.strip("%") in text for pattern in query.patterns))
    )


@pytest.mark.parametrize(
    "typed",
    [
        *["ann", "ANN O", "obrien ann", "o'brien", "O\u2019Brien", "son", "søn", "brien", "o brien", "ann,brien"],
        *["ann.obrien@shop.example", "obrien@shop", "@shop", "shop.exam", "ANN@"],
        *["021 555", "021", "0215550002", "+64 21 555 0002", "64215550002", "0064 21 555", "21-555", "(021) 555 0002"],
        *["0002", "50002", "+64 (0)21 555", "09 480", "1234", "4801234", "ann 021 555", "ann +64 21", "021 ann"],
        *["L-00017", "l-00017", "00017", "l00017", "17", "12-345", "12345"],
    ],
)
def test_a_customer_is_found(typed: str) -> None:
    assert finds(typed, ANN)


@pytest.mark.parametrize(
    "typed", ["", "   ", "zzz", "ann zzz", "022", "021 556", "%", "_", "a%n", "( ) -", "***", "😀"]
)
def test_nobody_else_is_found(typed: str) -> None:
    assert not finds(typed, ANN)


@pytest.mark.parametrize("written", ["021 555 0002", "+64 21 555 0002", "64 21 5550002", "0215550002"])
@pytest.mark.parametrize("typed", ["021 555 0002", "+64215550002", "555 0002", "0002"])
def test_a_phone_is_found_however_it_was_written(written: str, typed: str) -> None:
    assert finds(typed, {"name": "Ann", "mobile": written})


@given(st.integers(4, 9))
def test_a_phone_is_found_by_its_last_digits(count: int) -> None:
    assert finds("02100010002"[-count:], {"name": "Ann", "phone": "021 0001 0002"})


@given(st.permutations(["ann", "obrien", "son", "shop"]))
def test_the_order_of_words_does_not_matter(order: list[str]) -> None:
    assert finds(" ".join(order), ANN)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(max_examples=200)
def test_a_customer_is_found_by_its_whole_name(name: str) -> None:
    assert finds(name, {"name": name}) or not parse(name)


def test_signs_alone_look_for_a_name_of_signs() -> None:
    assert finds("***", {"name": "*** VIP ***"}) is False
    assert finds("***", {"name": "***"})
    assert finds("😀", {"name": "Fun 😀 shop"})


def test_short_terms_are_only_looked_for_at_the_beginning_of_words() -> None:
    assert parse("an smith").patterns == ("% an%", "%smith%")
    assert parse("an smith").word_patterns == ("% an%", "% smith%")


def test_a_code_is_looked_for_as_typed() -> None:
    assert parse("  L-00017 ").code == "L-00017"


def test_ten_thousand_characters_are_cut() -> None:
    query = parse("x " * 5000)
    assert len(query.code) <= LENGTH_MAX
    many = parse(" ".join(str(number) + "x" for number in range(1000)))
    assert len(many.terms) == TERMS_MAX


def test_neighbouring_numbers_are_one_among_words() -> None:
    assert parse("ann 021 555").terms == ("ann", "21555")


def test_a_second_number_and_an_extension_are_found_too() -> None:
    assert finds("3334444", {"name": "Ann", "phone": "021 555 1234 / 09 333 4444"})
    assert finds("234 77", {"name": "Ann", "phone": "09 555 1234 ext 77"})


def test_nothing_typed_is_no_search() -> None:
    assert parse(" \x00\ud800 ") == Query()
    assert not parse("")


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
@settings(max_examples=200)
def test_whatever_is_typed_a_database_takes_it(typed: str) -> None:
    query = parse(typed)
    text = "".join([query.code, query.name_prefix, query.name_end, *query.patterns])
    assert "\x00" not in text
    assert text.encode().decode() == text
    assert all(pattern.strip("%").replace("%", "") == pattern.strip("%") for pattern in query.patterns)
