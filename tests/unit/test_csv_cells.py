"""Cells of CSV files: nothing runs in a spreadsheet, and nothing is changed by the round trip."""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posxero.domain.csv_cells import BLANKS, SEPARATORS, SIGNS, line, neutralise, restore

BLANK, SIGN, SEPARATOR = (re.compile(f"[{members}]") for members in (BLANKS, SIGNS, SEPARATORS))
FORMULA = re.compile(f'[{BLANKS}"]*[{SIGNS}]')
DELIMITERS = (",", ";", "\t")

NASTY = "=+-@\uff1d\uff0b\uff0d\uff20,;\t\r\n\u2028\"' \xa0\u3000\u200b\ufeff\0a1"
nasty = st.text(st.sampled_from(NASTY), max_size=12)
cells = nasty | st.text(max_size=30)


@cache
def every_character() -> list[str]:
    return [chr(code) for code in range(sys.maxunicode + 1)]


def pieces(text: str) -> list[str]:
    """Split a text as naive programs do: at every separator there is, whatever is quoted."""
    return SEPARATOR.split(text)


def read(text: str, delimiter: str) -> list[str]:
    """Split a text as a spreadsheet does that was told of another separator; a NUL ends nothing."""
    rows = csv.reader(io.StringIO(text.replace("\0", "\1"), newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row]


@given(cells)
@example("'=1")
@example("\t=1")
@example(";'\"=1,'' @")
def test_what_is_neutralised_can_be_restored(cell: str) -> None:
    assert restore(neutralise(cell)) == cell


@given(st.lists(cells, min_size=1, max_size=4))
@example(["a;=1+1"])
@example(['a;"=1'])
@example(["a", "\xa0\uff1d1"])
def test_no_cell_runs_however_a_spreadsheet_splits_the_line(row: list[str]) -> None:
    written = line(row)
    found = [piece for cell in row for piece in pieces(neutralise(cell))]
    found += pieces(written)
    for delimiter in DELIMITERS:
        found += read(written, delimiter)
        found += [piece for cell in read(written, delimiter) for piece in pieces(cell)]
    assert [piece for piece in found if FORMULA.match(piece)] == []


@given(st.lists(cells, min_size=1, max_size=4))
def test_a_line_holds_its_cells(row: list[str]) -> None:
    (found,) = csv.reader(io.StringIO(line(row).replace("\0", "\1"), newline=""))
    assert [restore(cell) for cell in found] == [cell.replace("\0", "\1") for cell in row]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("\xa0=1", "'\xa0=1"),
        ("\uff1dHYPERLINK(1)", "'\uff1dHYPERLINK(1)"),
        ("\u200b\ufeff@SUM(1)", "'\u200b\ufeff@SUM(1)"),
        ("a;=1+1", "a;'=1+1"),
        ("Ann\n-2", "Ann\n'-2"),
        ("\t=1", "'\t'=1"),
        ("'=1", "''=1"),
    ],
)
def test_a_piece_that_would_run_begins_with_an_apostrophe(cell: str, written: str) -> None:
    assert neutralise(cell) == written


@pytest.mark.parametrize("cell", ["", "Ann Smith", "ann@shop.example", "2-4 Queen St; Auckland", "O'Brien", "'quoted'"])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert neutralise(cell) == cell


def test_a_cell_that_another_separator_would_split_is_quoted() -> None:
    assert line(["a;b", "c"]) == '"a;b","c"\r\n'


def test_a_long_cell_takes_no_longer_than_its_length() -> None:
    cell = "\t" * 200_000  # minutes, were each tab to look at all that follow
    assert neutralise(cell) == cell
    assert restore(neutralise(cell + "=")) == cell + "="


def test_every_blank_of_unicode_is_known() -> None:
    blank = {char for char in every_character() if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}}
    assert [char for char in blank if not BLANK.match(char)] == []
    assert [char for char in every_character() if char.isspace() and not BLANK.match(char)] == []


def test_every_form_of_a_sign_is_known() -> None:
    signs = [char for char in every_character() if unicodedata.normalize("NFKC", char)[:1] in set("=+-@")]
    assert [char for char in signs if not SIGN.match(char)] == []
