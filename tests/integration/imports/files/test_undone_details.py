"""Undoing the import of a file gives back the details that it replaced, each to whom it was taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.domain.enums import Outcome, Phase
from posxero.domain.import_choices import OnMatch
from posxero.services.imports.undo import undo
from tests.support import factories, merges
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.import_ import Import
    from tests.support.filing import FileImporter


def undone(filer: FileImporter, run: Import) -> Import:
    undo(filer.session, RecordingQueue(), filer.business.id, run.id, by="Mana", now=filer.clock())
    return filer.finish(run)


def codes(filer: FileImporter) -> dict[str, str]:
    return {contact.name: contact.customer_code for contact in filer.contacts()}


def test_codes_that_moved_up_by_one_move_back(filer: FileImporter) -> None:
    filer.load("Name,Email,Customer code\nAnn,ann@x.example,L-1\nBob,bob@x.example,L-2\n")
    ann, bob = filer.named("Ann"), filer.named("Bob")
    run = filer.load(f"Retail POS ID,Name,Customer code\n{ann},Ann,L-0\n{bob},Bob,L-1\n", OnMatch.REPLACE)
    assert codes(filer) == {"Ann": "L-0", "Bob": "L-1"}
    assert undone(filer, run).phase is Phase.UNDONE
    assert codes(filer) == {"Ann": "L-1", "Bob": "L-2"}


def test_a_code_that_another_customer_has_since_stays_theirs(filer: FileImporter) -> None:
    filer.load("Name,Email,Customer code\nAnn,ann@x.example,L-1\n")
    run = filer.load(f"Retail POS ID,Name,Customer code\n{filer.named('Ann')},Ann,L-9\n", OnMatch.REPLACE)
    filer.load("Name,Customer code\nBob,L-1\n")
    assert undone(filer, run).phase is Phase.UNDONE
    row = filer.rows(run)[2]
    assert (row.outcome, row.reason) == (Outcome.UPDATED, "Another customer has the customer code “L-1”")
    assert codes(filer) == {"Ann": "L-9", "Bob": "L-1"}


def test_of_two_rows_of_one_customer_the_second_changes_nothing(filer: FileImporter) -> None:
    filer.load("Name,Email,Customer code,Phone\nAnn,ann@x.example,L-1,021 555 0001\n")
    rows = "Ann,,L-1,021 555 0002,\nAnn,ann@x.example,,,Napier\n"
    run = filer.load(f"Name,Email,Customer code,Phone,City\n{rows}", OnMatch.REPLACE)
    second = filer.rows(run)[3]
    assert (second.outcome, second.reason) == (Outcome.LEFT_OUT, "Row 2 is the same customer")
    undone(filer, run)
    (ann,) = filer.contacts()
    assert (ann.phone, ann.street_city) == ("021 555 0001", "")


def test_who_was_merged_since_stays_as_they_are(filer: FileImporter, session: Session, business: Business) -> None:
    factories.add_connection(session, business)
    filer.load("Name,Email,Phone\nAnn,ann@x.example,021 555 0001\nAnna,anna@x.example,\n")
    run = filer.load(f"Retail POS ID,Name,Phone\n{filer.named('Ann')},Ann,021 555 0002\n", OnMatch.REPLACE)
    ann, anna = filer.contacts()
    merges.merge_into(session, business, anna, ann, "phone")
    run = undone(filer, run)
    assert filer.rows(run)[2].outcome is Outcome.UPDATED
    ann, anna = filer.contacts()
    assert (ann.search_text, anna.phone) == ("", "021 555 0002")
