"""The files that people upload: checked as a whole, then kept in pieces until they are read."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.import_file import ImportFile, ImportFilePiece
from posxero.domain.csv_encodings import UnreadableFile
from posxero.domain.csv_reading import EMPTY, NO_ROWS, FileFormat, detect_format, headings_of, read_rows
from posxero.domain.text import normalise
from posxero.services.errors import NotFound

PIECE_SIZE: Final = 256 * 1024  # bytes of a file that are in memory at once
SAMPLES: Final = 3  # rows that help to tell what a column holds
SAMPLE_LENGTH: Final = 80  # characters of a cell
NAME_LENGTH: Final = 100  # characters of a file's name
TOO_LARGE: Final = "The file is larger than {limit} MB. Split it, and import the parts one after the other."
MEGABYTE: Final = 1024 * 1024


def store(
    session: Session, business_id: UUID, stream: io.BufferedIOBase, name: str, *, limit: int, by: str, now: datetime
) -> ImportFile:
    """Check a file and keep it; commits.

    Args:
        stream: The file; it can be read several times.
        name: What the person calls it.
        limit: Megabytes that it may have.

    Raises:
        UnreadableFile: It cannot be imported; the text says why. Nothing is kept.
    """
    size = stream.seek(0, io.SEEK_END)
    if size > limit * MEGABYTE:
        raise UnreadableFile(TOO_LARGE.format(limit=limit))
    written = detect_format(stream)
    headings, samples, rows = _read_all(stream, written)
    file = ImportFile(
        business_id=business_id,
        id=new_id(),
        name=normalise(name)[:NAME_LENGTH] or "customers.csv",
        size=size,
        encoding=written.encoding,
        delimiter=written.delimiter,
        headings=headings,
        samples=samples,
        rows=rows,
        uploaded_by=by,
        uploaded_at=now,
    )
    with writing(session):
        session.add(file)
        session.flush()
        for piece in _pieces(stream, business_id, file.id):
            session.execute(insert(ImportFilePiece).values(piece))
    return file


def get(session: Session, business_id: UUID, file_id: UUID) -> ImportFile:
    """Find a file of the business that was not read yet.

    Raises:
        NotFound: It has none of this id.
    """
    found = session.get(ImportFile, (business_id, file_id), populate_existing=True)
    if found is None:
        raise NotFound(file_id)
    return found


def is_kept(session: Session, business_id: UUID, file_id: UUID | None) -> bool:
    """Return whether a file is still here."""
    here = (ImportFile.business_id == business_id, ImportFile.id == file_id)
    return session.scalar(select(ImportFile.id).where(*here)) is not None


def remove(session: Session, business_id: UUID, file_id: UUID) -> None:
    """Delete a file; the caller commits."""
    this = (ImportFile.business_id == business_id, ImportFile.id == file_id)
    session.execute(delete(ImportFile).where(*this).execution_options(synchronize_session=False))


def delete_old(session: Session, *, before: datetime) -> None:
    """Delete the file that was uploaded first, if before a time. Ends the transaction; writes only when needed."""
    oldest = select(ImportFile.business_id, ImportFile.id).where(ImportFile.uploaded_at < before)
    found = session.execute(oldest.order_by(ImportFile.uploaded_at).limit(1)).first()
    session.commit()
    if found:
        with writing(session):
            remove(session, *found)


def open_file(session: Session, file: ImportFile) -> io.BufferedReader:
    """Open a file that is kept. Each piece is read in a transaction of its own."""
    return io.BufferedReader(_KeptFile(session, file))


class _KeptFile(io.RawIOBase):
    """The bytes of a kept file, read piece by piece."""

    def __init__(self, session: Session, file: ImportFile) -> None:
        self._session = session
        self._key = (file.business_id, file.id)
        self._next = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(self._read_piece())
        target = memoryview(buffer)
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _read_piece(self) -> bytes:
        of_file = (ImportFilePiece.business_id == self._key[0], ImportFilePiece.file_id == self._key[1])
        query = select(ImportFilePiece.content).where(*of_file, ImportFilePiece.number == self._next)
        content = self._session.scalar(query)
        self._session.commit()
        self._next += 1
        return content or b""


def _read_all(stream: io.BufferedIOBase, written: FileFormat) -> tuple[list[str], list[list[str]], int]:
    """Read every row, so that what is wrong is said now; return the headings, the first rows and how many there are."""
    stream.seek(0)
    rows = read_rows(stream, written)
    first = next(rows, None)
    if first is None:
        raise UnreadableFile(EMPTY)
    headings = headings_of(first)
    samples: list[list[str]] = []
    count = 0
    for row in rows:
        count += 1
        if len(samples) < SAMPLES:
            samples.append([cell[:SAMPLE_LENGTH] for cell in row.cells[: len(headings)]])
    if not count:
        raise UnreadableFile(NO_ROWS)
    return headings, samples, count


def _pieces(stream: io.BufferedIOBase, business_id: UUID, file_id: UUID) -> Iterator[dict[str, object]]:
    stream.seek(0)
    number = 0
    while content := stream.read(PIECE_SIZE):
        yield {"business_id": business_id, "file_id": file_id, "number": number, "content": content}
        number += 1
