"""Find out in which encoding a file is written, whatever it says of itself."""

import codecs
import io
from typing import Final, NamedTuple

PIECE_SIZE: Final = 256 * 1024  # bytes that are looked at together
UTF_8, UTF_16, WINDOWS_1252 = "utf-8-sig", "utf-16", "cp1252"
ENCODING_LABELS: Final = {
    UTF_8: "UTF-8",
    UTF_16: "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    WINDOWS_1252: "Windows-1252",
}
MARK: Final = "\ufeff"  # of the beginning of a file; in the middle where files were joined
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

WORKBOOK: Final = "This is an Excel workbook. In Excel, choose File, Save As, CSV UTF-8, then choose that file here."
NOT_TEXT: Final = "This isn't a CSV file. Save your list as CSV in the program it comes from, then choose that file."
TWO_ENCODINGS: Final = (
    "Line {line} isn't written in UTF-8, though the file begins in it. "
    "Open the file in a spreadsheet, check that line, and save it as CSV UTF-8."
)
NO_ENCODING: Final = "Line {line} can't be read. Save the file as CSV UTF-8, then choose it again."


class UnreadableFile(Exception):
    """A file cannot be read; the text says why, with what to do."""


def detect_encoding(stream: io.BufferedIOBase) -> str:
    """Return Python's name of the encoding of a file; reads it from its beginning to its end.

    Raises:
        UnreadableFile: It is no text, or text in no encoding that we read.
    """
    stream.seek(0)
    beginning = stream.read(PIECE_SIZE)
    if beginning.startswith(b"PK\x03\x04"):
        raise UnreadableFile(WORKBOOK)
    if beginning.startswith(_UTF_16_MARKS):
        encoding = UTF_16
    elif b"\0" in beginning:
        encoding = _utf_16_without_mark(beginning)
    else:
        encoding = UTF_8
    failure = _failure(stream, encoding)
    if failure is None:
        return encoding
    is_marked = beginning.startswith(codecs.BOM_UTF8)
    if encoding == UTF_8 and not is_marked and not failure.after_foreign:
        other = _failure(stream, WINDOWS_1252)
        if other is None:
            return WINDOWS_1252
    elif encoding == UTF_8:
        raise UnreadableFile(TWO_ENCODINGS.format(line=failure.line))
    raise UnreadableFile(NO_ENCODING.format(line=failure.line))


def _utf_16_without_mark(beginning: bytes) -> str:
    """Return whether the positions of its zeros show a text to be UTF-16: every other byte of Latin letters is one."""
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    most = len(beginning) // 2
    if odd > most / 2 and even < most / 10:
        return "utf-16-le"
    if even > most / 2 and odd < most / 10:
        return "utf-16-be"
    raise UnreadableFile(NOT_TEXT)


class _Failure(NamedTuple):
    """Where a text stopped being in an encoding, and whether letters of other than ASCII were read before."""

    line: int
    after_foreign: bool


def _failure(stream: io.BufferedIOBase, encoding: str) -> _Failure | None:
    """Decode a whole file; return where that failed, None where it did not.

    Raises:
        UnreadableFile: It is no text.
    """
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, is_foreign = 1, False
    while True:
        piece = stream.read(PIECE_SIZE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            readable = bytes(error.object[: error.start]).decode(encoding, "ignore")
            return _Failure(lines + readable.count("\n"), is_foreign or not readable.strip(MARK).isascii())
        if "\0" in text:
            raise UnreadableFile(NOT_TEXT)
        if not piece:
            return None
        lines += text.count("\n")
        is_foreign = is_foreign or not text.isascii()
