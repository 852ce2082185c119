"""CSV files as people have them: encodings, delimiters, quotation marks; a long one takes the memory of a row."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posxero.domain import csv_cells
from posxero.domain.csv_encodings import NOT_TEXT, PIECE_SIZE, UnreadableFile
from posxero.domain.csv_reading import CsvRow, FileFormat, detect_format, read_rows

LINES = 'Name;Notes\nZoë – Ārai;"a ""b"";\nc"\n\nBob;\n'
ROWS = [["Name", "Notes"], ["Zoë – Ārai", 'a "b";\nc'], ["Bob", ""]]
texts = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=20)


def read(content: bytes) -> tuple[FileFormat, list[CsvRow]]:
    stream = io.BytesIO(content)
    found = detect_format(stream)
    stream.seek(0)
    return found, [*read_rows(stream, found)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_told_from_the_bytes(encoding: str) -> None:
    lines = LINES.replace("Ā", "A") + "x;x\n" * 200
    found, rows = read(lines.encode(encoding))
    assert found.delimiter == ";"
    assert [row.cells for row in rows[:3]] == [[cell.replace("Ā", "A") for cell in cells] for cells in ROWS]
    assert [row.number for row in rows[:3]] == [1, 2, 4]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_windows_1252_and_every_delimiter(delimiter: str) -> None:
    found, rows = read(f"Name{delimiter}Note\nZoë €5{delimiter}x\n".encode("cp1252"))
    assert found == FileFormat("cp1252", delimiter)
    assert rows[1].cells == ["Zoë €5", "x"]


def test_a_mark_in_the_middle_does_not_break_a_quoted_cell() -> None:
    _, rows = read('\ufeffName,Note\nAnn,1\n\ufeff"Bob, Ltd",2\n'.encode())
    assert rows[2].cells == ["Bob, Ltd", "2"]


def test_a_letter_may_lie_across_two_pieces() -> None:
    content = b"Name\n" + b"x\n" * ((PIECE_SIZE - 6) // 2) + "ë\n".encode() * 3
    assert content[PIECE_SIZE - 1 : PIECE_SIZE + 1] == "ë".encode()
    assert read(content)[0].encoding == "utf-8-sig"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"Name\n\x81\n", "Line 2 can't be read"),
        ("Name\nZoë\n".encode() + "Zoë\n".encode("cp1252"), "Line 3 isn't written in UTF-8"),
        (b"\xef\xbb\xbfName\nZo\xeb\n", "Line 2 isn't written in UTF-8"),
        (b"Name\n\0\n", NOT_TEXT),
        (b'Name\nAnn\n"Bob\n', "The quotation marks in row 3"),
        (b'Name\n"Ann"x\n', "The quotation marks in row 2"),
        (b"Name\n" + b"x" * 1_000_001, "Row 2 is too long"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(content)


@given(st.lists(st.lists(texts, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_is_written_is_read(rows: list[list[str]]) -> None:
    lines = [["Name", "Note"], *rows]
    content = csv_cells.BYTE_ORDER_MARK + "".join(map(csv_cells.line, lines))
    _, found = read(content.encode())
    filled = [cells for cells in lines if any(cell.strip(" ") for cell in map(csv_cells.neutralise, cells))]
    assert [[csv_cells.restore(cell) for cell in row.cells] for row in found] == filled


class CountedFile(io.BytesIO):
    """A file that counts how much was read at once."""

    most = 0

    def read1(self, size: int | None = -1, /) -> bytes:
        found = super().read1(size)
        self.most = max(self.most, len(found))
        return found

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.most = max(self.most, len(found))
        return found


def test_a_long_file_is_read_in_pieces() -> None:
    stream = CountedFile(b"Name,Note\n" + b"Ann,likes tea\n" * 200_000)
    found = detect_format(stream)
    stream.seek(0)
    assert sum(1 for _ in read_rows(stream, found)) == 200_001
    assert stream.most <= PIECE_SIZE
