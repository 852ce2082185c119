from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from posxero.db.engine import begin_writing, writing
from posxero.services.imports.staging import stage
from posxero.xero.shapes import Contact

if TYPE_CHECKING:
    from tests.support.importing import Importer


def page(*numbers: int, name: str = "Ann Smith") -> list[Contact]:
    return [Contact(contact_id=UUID(int=number), name=f"{name} {number}") for number in numbers]


def test_only_contacts_that_are_new_are_counted(importer: Importer) -> None:
    session, run = importer.session, importer.start()
    begin_writing(session)
    assert stage(session, run, "NZ", page(1, 2, 3)) == 3
    assert stage(session, run, "NZ", page(1, 2, 3)) == 0
    assert stage(session, run, "NZ", page(3, 4)) == 1
    session.rollback()


def test_a_contact_that_is_read_again_is_what_xero_says_now(importer: Importer) -> None:
    session, run = importer.session, importer.start()
    with writing(session):
        stage(session, run, "NZ", page(1, 2))
        stage(session, run, "NZ", page(2, 3, name="Bob Jones"))
    names = [importer.row(run, UUID(int=number)).name for number in (1, 2, 3)]
    assert names == ["Ann Smith 1", "Bob Jones 2", "Bob Jones 3"]
