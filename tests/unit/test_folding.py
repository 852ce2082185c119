import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posxero.domain import folding
from posxero.domain.fields import FIELDS
from posxero.domain.folding import email_key, fold, name_key, phone_keys, search_text, successor, words

ANY = st.text(st.characters(exclude_categories=[]), max_size=60)
STORABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PG_INDEX_ROW = 2704  # bytes; a third of a page, where PostgreSQL's btree refuses a row
IDS = 48  # bytes; two ids, the row's head and the heads of its texts


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ÅNGSTRÖM", "angstrom"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Ærø Þór Œuvre", "aero thor oeuvre"),
        ("İSTANBUL \u0131s\u0131", "istanbul isi"),
        ("Māori", "maori"),
        ("ﬁne \uff19", "fine 9"),
        ("Ελλάς", "ελλασ"),
        ("한국", "한국"),
    ],
)
def test_accents_and_case_do_not_matter(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(ANY)
@settings(max_examples=100)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), max_size=20))
@settings(max_examples=100)
def test_capitals_find_small_letters(text: str) -> None:
    assert words(text.upper()) == words(text.lower()) == words(text)


def test_words_are_split_by_signs_but_not_by_apostrophes() -> None:
    assert words("O'Brien & O\u2019Neill-Smith, A.B. Ltd") == ["obrien", "oneill", "smith", "a", "b", "ltd"]
    assert words("ann_o.smith@shop-nz.example") == ["ann", "o", "smith", "shop", "nz", "example"]
    assert words("😀 हिन्दी") == ["😀", "हिनदी"]


@given(ANY)
@settings(max_examples=100)
def test_no_word_holds_a_sign_of_like(text: str) -> None:
    assert not set("%_\\ ").intersection("".join(words(text)))


def test_the_key_of_a_name_is_its_folded_words() -> None:
    assert name_key("  Smith,  ÅNN ") == "smith ann"
    assert name_key("***") == "***"
    assert name_key("") == ""


def test_only_an_email_address_has_a_key() -> None:
    assert email_key(" Ann@Shop.Example ") == "ann@shop.example"
    assert email_key("n/a") == email_key("") == ""
    assert len(email_key("ẞ" * 200 + "@shop.example")) == 255


def test_phones_have_distinct_keys() -> None:
    values = {"phone": "021 555 0002", "mobile": "+64 21 5550002", "fax": "09 555 1234", "direct_dial": "none"}
    assert phone_keys(values, "NZ") == ("+64215550002", "+6495551234")


def test_a_contact_is_found_by_all_it_is_known_by() -> None:
    text = search_text(
        {
            "name": "Ānn & Co",
            "email": "ann@shop.example",
            "phone": "021 555 0002",
            "customer_code": "L-00017",
            "account_number": "***",
            "notes": "secret",
        },
        "NZ",
    )
    assert text == " l 00017 l00017 17 64215550002 0215550002 ann co shop example"


def test_a_contact_of_nothing_has_no_words() -> None:
    assert search_text({}, "NZ") == ""


@given(st.fixed_dictionaries({field.key: STORABLE for field in FIELDS}), st.sampled_from("aŁ☃ﷺ한😀"))
@settings(max_examples=20)
def test_an_index_row_stays_below_its_limit(values: dict[str, str], letter: str) -> None:
    long = {field.key: (values[field.key] + letter * field.max_length)[: field.max_length] for field in FIELDS}
    text, key = search_text(long, "NZ"), name_key(long["name"])
    assert len(text) <= folding.SEARCH_TEXT_MAX
    assert len(text.encode()) + len(key.encode()) + IDS <= PG_INDEX_ROW
    assert text == "" or (text.startswith(" ") and not text.endswith(" "))


def test_a_name_of_any_length_does_not_push_out_the_phone() -> None:
    values = {"name": "x y " * 60, "first_name": "ﷺ" * 255, "phone": "021 555 0002", "customer_code": "C1"}
    assert search_text(values, "NZ").startswith(" c1 64215550002")


@given(ANY, ANY)
@settings(max_examples=100)
def test_the_range_of_a_prefix_holds_what_begins_so_and_nothing_else(prefix: str, other: str) -> None:
    end = successor(prefix)
    assert (prefix <= other < end or end == "\U0010ffff") == (other.startswith(prefix) or end == "\U0010ffff")
    assert prefix + other < end or end == "\U0010ffff"


def test_the_end_of_a_range_is_a_text_that_databases_take() -> None:
    assert successor("ann") == "ano"
    assert successor("a\U0010ffff") == "b"
    assert successor("\ud7ff") == "\ue000"
    assert successor("") == "\U0010ffff"


@given(st.fixed_dictionaries({field.key: ANY for field in FIELDS}))
@settings(max_examples=50)
def test_hostile_values_fold_to_what_any_database_holds(values: dict[str, str]) -> None:
    text = search_text(values, "NZ") + name_key(values["name"]) + "".join(phone_keys(values, ""))
    assert "\x00" not in text
    assert text.encode().decode() == text
