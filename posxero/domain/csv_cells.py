"""Cells of CSV files: what a spreadsheet would run as a formula leaves as text, and comes back unchanged.

A spreadsheet runs a cell that begins with =, +, - or @ (OWASP, CSV injection). It may trim what stands
before the sign, takes full-width signs for signs, and may split a line at another separator than the
comma. So a cell is looked at piece by piece, and an apostrophe goes before each piece that would run.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

# All that Unicode's compatibility forms make one of = + - @, and the minus sign.
SIGNS: Final = "=+\\-@\u207a\u207c\u208a\u208c\u2212\u2a74-\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
# Where a spreadsheet, or a program that reads lines, may begin a new cell.
SEPARATORS: Final = ",;\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
# White space, control and format characters, and what else shows nothing (Unicode: Z*, Cc, Cf, Cs, Default_Ignorable).
BLANKS: Final = (
    "\\x00-\\x20\\x7f-\\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
BYTE_ORDER_MARK: Final = "\ufeff"  # before the first line, so that a spreadsheet reads UTF-8
_MARK: Final = "'"
# The beginning of each piece: the separator, what may be trimmed (quotation marks and apostrophes too), the sign.
# A run of blanks is consumed whether a sign follows or not, so that the time grows with the length only.
_BEGINNING: Final = re.compile(f"(\\A|[{SEPARATORS}])([{BLANKS}\"']*+)([{SIGNS}]?)")
_SEPARATOR: Final = re.compile(f"[{SEPARATORS}]")
_MARKED: Final = re.compile(f"(\\A|[{SEPARATORS}]){_MARK}")


def neutralise(cell: str) -> str:
    """Put an apostrophe before each piece of a cell that a spreadsheet would take for a formula."""
    return _BEGINNING.sub(_mark, cell)


def restore(cell: str) -> str:
    """Remove the apostrophes that `neutralise` put into a cell."""
    return _BEGINNING.sub(_unmark, cell) if _MARK in cell else cell


def line(cells: Iterable[str]) -> str:
    """Write one line of a CSV file; every cell is neutralised and quoted, whatever separates cells where it is read."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow([neutralise(cell) for cell in cells])
    return written.getvalue()


def time_cell(at: datetime, zone: ZoneInfo) -> str:
    """Return a time as a spreadsheet reads and sorts it: "2026-11-12 08:34:00"."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _mark(beginning: re.Match[str]) -> str:
    before, blanks, sign = beginning.groups()
    if not sign:
        return beginning[0]
    return before + _MARK + _SEPARATOR.sub(rf"\g<0>{_MARK}", blanks) + sign


def _unmark(beginning: re.Match[str]) -> str:
    before, blanks, sign = beginning.groups()
    if not sign or _MARK not in blanks:
        return beginning[0]
    return before + ("" if blanks == _MARK else _MARKED.sub(_separator, blanks)) + sign


def _separator(marked: re.Match[str]) -> str:
    return marked[1]
