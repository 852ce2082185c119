"""What is exported comes back unchanged, whatever it is; a long file is staged in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posxero.db.base import new_id
from posxero.domain.import_choices import OnMatch
from posxero.services.contacts.contacts import values_of
from posxero.services.imports.files import reading, uploads
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pytest

    from tests.support.filing import FileImporter

NASTY = [
    "=1+1",
    "'=1",
    "@x",
    '"',
    '""',
    ",",
    ";",
    "\t",
    "\r\n",
    "\n",
    "007",
    " ",
    "👩‍👩‍👧",
    "\u202bשלום",
    "'",
    "a",
    "\u2028",
]
texts = st.lists(st.sampled_from(NASTY), max_size=6).map("".join)
contacts = st.fixed_dictionaries(
    {"name": texts.map(lambda text: f"A{text}"), "notes": texts, "street_line1": texts, "phone": texts, "email": texts}
    | {"marketing_consent": st.sampled_from(["", "yes"]), "birthday": st.sampled_from(["", "1990-02-28"])}
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(contacts, min_size=10, max_size=30))
def test_export_then_import_changes_nothing(filer: FileImporter, people: Sequence[Mapping[str, str]]) -> None:
    filer.session.rollback()
    before = {one.id: values_of(one) for one in filer.contacts()}
    for person in people:
        one = factories.add_contact(filer.session, filer.business, at=filer.clock(), **person)
        before[one.id] = values_of(one)
    run = filer.load(filer.export(), OnMatch.REPLACE)
    assert (run.error, run.read, run.unchanged) == ("", len(before), len(before))
    assert {one.id: values_of(one) for one in filer.contacts()} == before
    assert {one.version for one in filer.contacts()} == {1}


def test_what_is_exported_is_added_elsewhere_as_it_was(filer: FileImporter) -> None:
    values = {"name": "=Ann", "notes": "'=1\n- two", "customer_code": "007", "mobile": "+64 21 555 0001"}
    ann = factories.add_contact(filer.session, filer.business, at=filer.clock(), **values)
    content = filer.export().replace(str(ann.id), str(new_id()))
    filer.session.delete(ann)
    filer.session.commit()
    assert filer.load(content).added == 1
    (again,) = filer.contacts()
    assert {key: values_of(again)[key] for key in values} == values


def test_a_long_file_is_read_and_stored_in_chunks(filer: FileImporter, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks: list[int] = []
    pieces: list[int] = []
    stage, read_piece = reading.stage, uploads._KeptFile._read_piece

    def counted_stage(session: Any, rows: Sequence[Any]) -> int:
        chunks.append(len(rows))
        return stage(session, rows)

    def counted_read(kept: Any) -> bytes:
        piece = read_piece(kept)
        pieces.append(len(piece))
        return piece

    monkeypatch.setattr(reading, "stage", counted_stage)
    monkeypatch.setattr(reading, "ROWS_PER_COMMIT", 400)
    monkeypatch.setattr(uploads, "PIECE_SIZE", 10_000)
    monkeypatch.setattr(uploads._KeptFile, "_read_piece", counted_read)
    run = filer.load("Name,Email\n" + "".join(f"Customer {n},c{n}@shop.example\n" for n in range(1000)))
    assert run.added == 1000
    assert chunks == [400, 400, 200]
    assert max(pieces) <= 10_000
    assert len(pieces) > 3
