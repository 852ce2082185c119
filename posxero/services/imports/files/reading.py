"""Read a file and stage its rows; a chunk is stored with its checkpoint in one commit.

The checkpoint is the number of the last row that is stored. A worker that takes over reads the file again up to there,
which takes a fraction of the time that storing takes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.import_ import Import, ImportRow
from posxero.domain import csv_cells
from posxero.domain.csv_columns import ID
from posxero.domain.csv_encodings import UnreadableFile
from posxero.domain.csv_reading import CsvRow, FileFormat, read_rows
from posxero.domain.enums import Decision, Outcome, Phase
from posxero.domain.fields import KEYS, by_key
from posxero.domain.normalise import with_name
from posxero.services.contacts.labels import checks, vocabulary
from posxero.services.contacts.labels.vocabulary import Names
from posxero.services.contacts.search.keys import search_columns
from posxero.services.errors import NotFound
from posxero.services.imports.errors import ImportFailed
from posxero.services.imports.files import uploads
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.statistics import analyze_new_tables
from posxero.services.imports.storing import store

ROWS_PER_COMMIT: Final = 1000
FILE_GONE: Final = "The file is no longer here. Choose it again."
WRONG_ID: Final = "“{id}” isn't a Retail POS ID. Leave that cell empty for a new customer."
TOO_MANY_CELLS: Final = "The row has more cells than there are headings. A quotation mark may be missing."
_EMPTY: Final = dict.fromkeys(KEYS, "")
_CLEAN: Final = {key: by_key(key).kind.clean for key in KEYS}


def read_file(lease: ImportLease) -> None:
    """Stage rows until all are stored or the slice is over.

    Raises:
        ImportFailed: The file is not there, or cannot be read to its end.
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    session, run = lease.session, lease.run
    country = session.get_one(Business, run.business_id).country
    try:
        for rows in _chunks(lease):
            with lease.step() as columns:
                names = vocabulary.load_names(session, run.business_id)
                staged = [_row(lease.run, country, row, names) for row in rows]
                read = lease.run.read + stage(session, staged)
                columns.update(page=rows[-1].number, read=read)
            if lease.is_slice_over:
                return
    except UnreadableFile as error:
        raise ImportFailed(str(error)) from None
    with lease.step() as columns:
        if not run.is_preview and run.file_id:
            uploads.remove(session, run.business_id, run.file_id)  # what is in it stands in the rows now
        columns.update(lease.phase_columns(Phase.MATCHING), cursor=None)


def stage(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Store rows; the caller commits. Returns how many were new."""
    new = store(session, rows)
    analyze_new_tables(session, ImportRow.__tablename__)
    return new


def row_columns(
    run: Import, country: str, number: int, given: Mapping[str, str], names: Names, *, problem: str = ""
) -> dict[str, Any]:
    """Return the columns of a staged row.

    Args:
        number: The row's, as a spreadsheet counts.
        given: Its filled cells by key, as the file has them.
        names: The groups and tags of the business.
        problem: Why it cannot be imported, however often it is tried; "" where nothing is known.
    """
    cells, unknown = checks.match_names(given, names)
    copy = {"values": dict(cells)} | ({"problem": problem} if problem else {})
    written_id = cells.pop(ID, "")
    ours = _uuid(written_id)
    wrong = problem or unknown or (WRONG_ID.format(id=written_id[:40]) if written_id and ours is None else "")
    values = with_name(_EMPTY | clean_cells(cells))
    return {
        "business_id": run.business_id,
        "import_id": run.id,
        "xero_id": UUID(int=number),
        "name": values["name"],
        "copy": copy,
        "outstanding": None,
        "overdue": None,
        "is_customer": True,
        "is_supplier": False,
        **search_columns(values, country),
        "ours": ours,
        "kind_added": "",
        "contact_id": None if wrong else new_id(),
        "needs_review": False,
        "candidates": [],
        "reason": wrong,
        "decision": None if wrong else Decision.ADD,  # until matching knows better
        "outcome": Outcome.REFUSED if wrong else None,
    }


def clean_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the cells that a row fills in, by key."""
    return {key: _CLEAN[key](text) for key, text in cells.items() if key != ID}


def _chunks(lease: ImportLease) -> Iterator[list[CsvRow]]:
    """Read the rows that are not stored yet, some at a time."""
    run = lease.run
    try:
        file = uploads.get(lease.session, run.business_id, run.file_id or run.id)
    except NotFound:
        raise ImportFailed(FILE_GONE) from None
    stream, after = uploads.open_file(lease.session, file), max(run.page, 1)
    rows = (row for row in read_rows(stream, FileFormat(file.encoding, file.delimiter)) if row.number > after)
    while chunk := list(islice(rows, ROWS_PER_COMMIT)):
        yield chunk


def _row(run: Import, country: str, row: CsvRow, names: Names) -> dict[str, Any]:
    columns: list[str] = run.file_columns
    cells = zip(columns, row.cells, strict=False)
    given = {key: csv_cells.restore(cell) for key, cell in cells if cell and key and not cell.isspace()}
    is_too_long = any(cell.strip() for cell in row.cells[len(columns) :])
    return row_columns(run, country, row.number, given, names, problem=TOO_MANY_CELLS if is_too_long else "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip()) if text else None
    except ValueError:
        return None
