"""The pages of importing a file: choosing it, matching its columns, looking first, what became of every row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.import_ import Import
from posxero.db.import_file import ImportFile
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from posxero.db.business import User
    from tests.support.browser import Browser
    from tests.support.filing import FileImporter

CONTENT = "Contact name;E-mail;E-mail;Shoe size\nAnn;ann@shop.example;;38\nBob;bob;;44\n"


@pytest.fixture
def mana(sign_in: Callable[[User], Browser], manager: User) -> Browser:
    """The manager's browser."""
    return sign_in(manager)


def send(browser: Browser, content: str | bytes, name: str = "customers.csv") -> TestResponse:
    sent = content.encode() if isinstance(content, str) else content
    head = f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{browser.token()}\r\n--edge\r\n'
    head += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = f"--edge\r\n{head}".encode() + sent + b"\r\n--edge--\r\n"
    return browser.post("/imports/files", data=body, content_type="multipart/form-data; boundary=edge")


def run_of(filer: FileImporter) -> Import:
    filer.session.rollback()  # what the app committed meanwhile is seen
    return filer.session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()


def test_a_file_is_matched_looked_at_and_imported(mana: Browser, filer: FileImporter) -> None:
    assert "/imports/files" in mana.get("/imports/new").text
    answer = send(mana, CONTENT.encode("cp1252"))
    assert answer.status_code == 303
    page = mana.get(answer.location).text
    assert "customers.csv · 2 rows · UTF-8, separated by semicolons" in page
    assert page.count("E-mail (column") == 2
    assert re.findall(r'value="(\w+)" selected', page) == ["name", "email"]
    chosen = {"column-0": "name", "column-1": "email", "on_match": "replace"}
    show = mana.submit(answer.location, {**chosen, "press": "look"}).location
    filer.finish(run_of(filer))
    page = mana.get(show).text
    assert "1 would be added" in page
    assert "Import this file" in page
    assert "Row,Outcome" not in page
    show = mana.submit(f"{show}/carry-out").location
    run = filer.finish(run_of(filer))
    assert (run.added, run.refused) == (1, 1)
    page = mana.get(show).text
    assert "Import finished in" in page
    assert "The file has “bob”" in page
    rows = mana.get(f"{show}/not-imported.csv").text.removeprefix("\ufeff").splitlines()
    assert rows[0].startswith('"Row","Outcome","Why","Retail POS ID","Name"')
    assert rows[1].startswith('"3","Couldn\'t import","Enter an email address')
    assert mana.get(answer.location).status_code == 404
    assert "Row 2 of customers.csv, by an import" in mana.get(f"/customers/{filer.named('Ann')}/history").text


def test_rows_that_could_not_be_imported_are_imported_again(mana: Browser, filer: FileImporter) -> None:
    zoe = factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Zoe", customer_code="2")
    run = filer.load("Name,Code\nAnn,1\nBob,1\n")
    assert run.refused == 1
    filer.contacts()[-1].customer_code = "3"
    filer.session.commit()
    del zoe
    answer = mana.submit(f"/imports/{run.id}/again", {"outcome": "refused"})
    assert answer.status_code == 303
    again = filer.finish(run_of(filer))
    assert (again.id != run.id, again.added, again.read) == (True, 1, 1)
    assert [*filer.rows(again)] == [3]


def test_rows_that_could_not_be_imported_are_listed_as_in_the_file(mana: Browser, filer: FileImporter) -> None:
    run = filer.load("Name,Code\nAnn,1\nZoe,1\nMia,2\nBob,1\n")
    page = mana.get(f"/imports/{run.id}?show=refused").text
    assert re.findall(r'data-label="Row">(\d+)<', page) == ["3", "5"]
    assert page.index("Zoe") < page.index("Bob")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\n,\n", "The file is empty."),
        (b"Name,Email\n", "The file has headings but no customers"),
        (b"\x89PNG\r\n\0\0", "This isn&#39;t a CSV file."),
        (b"PK\x03\x04\0\0", "This is an Excel workbook."),
        (b'Name\n"Ann\n', "The quotation marks in row 2 don&#39;t add up."),
        ("\ufeffName\nZoë".encode() + b"\nZo\xeb", "Line 3 isn&#39;t written in UTF-8"),
        (b"Name" + b",x" * 100 + b"\nAnn\n", "The file has 101 columns."),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_beside_its_field(
    mana: Browser, filer: FileImporter, content: bytes, words: str
) -> None:
    answer = send(mana, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-describedby="file-error"' in answer.text
    assert filer.session.scalar(select(func.count()).select_from(ImportFile)) == 0


def test_a_file_that_is_too_large_is_refused_in_words(
    mana: Browser, filer: FileImporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = send(mana, b"Name\n" + b"x" * 2_000_000)  # more than any other form may send
    assert "is too long to be a customer" in answer.text
    monkeypatch.setattr("posxero.services.imports.files.uploads.MEGABYTE", 1000)
    answer = send(mana, b"Name\n" + b"Ann\n" * 20_000)
    assert (answer.status_code, "The file is larger than 40 MB." in answer.text) == (422, True)
    assert "Choose a CSV file." in mana.submit("/imports/files").text
    assert not filer.contacts()


def test_a_field_is_chosen_once_and_the_choices_stay(mana: Browser, filer: FileImporter) -> None:
    file = filer.upload("Name,Email,Phone\nAnn,,\n")
    chosen = {"column-0": "", "column-1": "email", "column-2": "email", "on_match": "fill", "press": "import"}
    answer = mana.submit(f"/imports/files/{file.id}", chosen)
    assert answer.status_code == 422
    assert "Choose the column that holds the name." in answer.text
    assert "Email is chosen for “Email” too. Choose it once." in answer.text
    assert re.findall(r'value="(\w+)" (?:selected|checked)', answer.text) == ["email", "email", "fill"]
    assert filer.session.scalar(select(func.count()).select_from(Import)) == 0


def test_a_double_press_starts_one_import(mana: Browser, filer: FileImporter) -> None:
    file = filer.upload("Name\nAnn\n")
    form = {"column-0": "name", "press": "import", "idempotency_key": "k1"}
    answers = [mana.submit(f"/imports/files/{file.id}", form) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert filer.session.scalar(select(func.count()).select_from(Import)) == 1
    assert mana.submit(f"/imports/files/{file.id}", form | {"idempotency_key": "k2"}).status_code == 409


def test_an_import_is_undone_and_what_it_replaced_is_back(mana: Browser, filer: FileImporter) -> None:
    ann = factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Ann", notes="old")
    bob = factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Bob", notes="old")
    content = f"Retail POS ID,Name,Notes\n{ann.id},,new\n{bob.id},,new\n,Cy,\n,Di,\n"
    file = filer.upload(content)
    form = {"column-0": "id", "column-1": "name", "column-2": "notes", "on_match": "replace"}
    show = mana.submit(f"/imports/files/{file.id}", form).location
    run = filer.finish(run_of(filer))
    assert (run.updated, run.added) == (2, 2)
    bob_page = f"/customers/{bob.id}/edit"
    mana.submit(bob_page, {"name": "Bobby", "version": "2"})
    page = mana.get(f"{show}/undo").text
    assert "2 customers that this import added will be removed." in page
    assert "1 customer will get back the details that this import replaced." in page
    assert "1 customer will stay as it is: changed here since." in page
    mana.submit(f"{show}/undo")
    run = filer.finish(run)
    assert (run.undone, run.updated) == (3, 1)
    assert [(one.name, one.notes) for one in filer.contacts()] == [("Ann", "old"), ("Bobby", "new")]
