"""The form that says what each column of a file holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from posxero.db.import_file import ImportFile
from posxero.domain import csv_columns
from posxero.domain.fields import groups
from posxero.domain.import_choices import OnMatch

NAMES = {"name", "first_name", "last_name", csv_columns.ID}  # one of them says who a row is
NO_NAME = "Choose the column that holds the name."
TWICE = "{label} is chosen for “{heading}” too. Choose it once."
# The choices of a column, by what they stand together under; a value is a key.
CHOICES = [
    ("", [("", "Don't import"), (csv_columns.ID, csv_columns.ID_HEADING)]),
    *((group.value, [(field.key, field.full_label) for field in fields]) for group, fields in groups().items()),
]


@dataclass(frozen=True)
class Column:
    """One column: its place, its heading, what its first rows hold, and what was chosen or guessed for it."""

    number: int
    heading: str
    samples: Sequence[str]
    key: str

    @property
    def control(self) -> str:
        """The id and name of its control."""
        return f"column-{self.number}"


@dataclass(frozen=True)
class ColumnForm:
    """What was chosen, or guessed; `problems` are messages by the id of the control."""

    rows: Sequence[Column]
    on_match: OnMatch
    problems: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        """The keys of the columns, in their order."""
        return [column.key for column in self.rows]

    @property
    def choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The choices of a column."""
        return CHOICES

    @classmethod
    def of(cls, file: ImportFile, sent: Mapping[str, str] | None) -> Self:
        """Read what was sent; without that, guess."""
        guessed = csv_columns.guess(file.headings)
        chosen = [sent.get(f"column-{number}", "") for number in range(len(guessed))] if sent is not None else guessed
        keys = [key if key in csv_columns.KEYS else "" for key in chosen]
        names = _names(file.headings)
        rows = [Column(number, names[number], _samples(file, number), key) for number, key in enumerate(keys)]
        on_match = sent.get("on_match", "") if sent is not None else ""
        return cls(
            rows,
            OnMatch(on_match) if on_match in set(OnMatch) else OnMatch.KEEP,
            _problems(rows) if sent is not None else {},
        )


def _names(headings: Sequence[str]) -> list[str]:
    """Return what columns are called: two of the same name, or of none, are told apart by their numbers."""
    counts = Counter(heading.casefold() for heading in headings)
    return [
        heading if heading and counts[heading.casefold()] == 1 else f"{heading or 'No heading'} (column {number})"
        for number, heading in enumerate(headings, 1)
    ]


def _samples(file: ImportFile, number: int) -> list[str]:
    cells = [row[number] for row in file.samples if number < len(row)]
    return [cell for cell in cells if cell.strip()]


def _problems(rows: Sequence[Column]) -> dict[str, str]:
    found: dict[str, str] = {}
    first: dict[str, Column] = {}
    for column in rows:
        if column.key and first.setdefault(column.key, column) is not column:
            label = csv_columns.label_of(column.key)
            found[column.control] = TWICE.format(label=label, heading=first[column.key].heading)
    if not NAMES & first.keys():
        found = {"column-0": NO_NAME, **found}
    return found
