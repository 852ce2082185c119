"""Read CSV files as people have them: in any of the usual encodings, with any of the usual delimiters.

Nothing is read that is not wanted: a file of any length takes the memory of one row. What stops a file from being read
is said in words, with the row as a spreadsheet counts it: the headings are row 1.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from posxero.domain.csv_encodings import MARK, NO_ENCODING, UnreadableFile, detect_encoding
from posxero.domain.text import normalise

SAMPLE_SIZE: Final = 64 * 1024  # characters that tell the delimiter
MAX_LINE: Final = 1_000_000  # characters of one line of text
MAX_COLUMNS: Final = 100
DELIMITERS: Final = (",", ";", "\t")

EMPTY: Final = "The file is empty. Choose a file with a row of headings and a row for each customer."
NO_ROWS: Final = "The file has headings but no customers below them."
NO_HEADINGS: Final = "The first row is empty. It must hold the headings, like Name and Email."
BAD_QUOTES: Final = "The quotation marks in row {row} don't add up. Check that row, then choose the file again."
LONG_LINE: Final = "Row {row} is too long to be a customer. Check the quotation marks before it."
TOO_MANY_COLUMNS: Final = "The file has {count} columns. It may have up to {most}."


class FileFormat(NamedTuple):
    """How a file is written: its encoding, by Python's name, and what stands between its cells."""

    encoding: str
    delimiter: str


class CsvRow(NamedTuple):
    """One row, and its number as a spreadsheet counts."""

    number: int
    cells: list[str]


def detect_format(stream: io.BufferedIOBase) -> FileFormat:
    """Find out how a file is written; reads it from its beginning to its end.

    Raises:
        UnreadableFile: It is empty, no text, or text in no encoding that we read.
    """
    encoding = detect_encoding(stream)
    stream.seek(0)
    text = _open(stream, encoding)
    sample = text.read(SAMPLE_SIZE)
    text.detach()
    if not sample.strip(MARK + " \t\r\n"):
        raise UnreadableFile(EMPTY)
    return FileFormat(encoding, max(DELIMITERS, key=lambda one: _count_columns(sample, one)))


def read_rows(stream: io.BufferedIOBase, written: FileFormat) -> Iterator[CsvRow]:
    """Read the rows of a file, the headings first; empty rows are counted and left out.

    Raises:
        UnreadableFile: A row cannot be read.
    """
    text = _open(stream, written.encoding)
    rows = csv.reader(_lines(text), delimiter=written.delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(rows, 1):
            if any(cell.strip(MARK + " ") for cell in cells):
                yield CsvRow(number, cells)
    except csv.Error:
        raise UnreadableFile(BAD_QUOTES.format(row=number + 1)) from None
    except _LongLine:
        raise UnreadableFile(LONG_LINE.format(row=number + 1)) from None
    except UnicodeDecodeError:
        raise UnreadableFile(NO_ENCODING.format(line=number + 1)) from None
    finally:
        if not stream.closed:
            text.detach()  # so that it stays open


def headings_of(row: CsvRow) -> list[str]:
    """Return the headings of a file, without those that are empty at the end.

    Raises:
        UnreadableFile: There are none, or too many.
    """
    headings = [normalise(cell) for cell in row.cells]
    while headings and not headings[-1]:
        headings.pop()
    if row.number != 1 or not headings:
        raise UnreadableFile(NO_HEADINGS)
    if len(headings) > MAX_COLUMNS:
        raise UnreadableFile(TOO_MANY_COLUMNS.format(count=len(headings), most=MAX_COLUMNS))
    return headings


class _LongLine(Exception):
    pass


def _open(stream: io.BufferedIOBase, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding=encoding, newline="")  # type: ignore[arg-type]  # it asks for a name


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise _LongLine
        # A mark before a quotation mark would make a cell of it, and of all that is quoted several cells.
        yield line[1:] if line.startswith(f'{MARK}"') else line


def _count_columns(sample: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0
