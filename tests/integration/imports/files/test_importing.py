"""Importing a file of customers: who is added, who is the same, and what changes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.activity import Activity
from posxero.db.import_file import ImportFilePiece
from posxero.domain.enums import ActivityKind, Decision, Outcome, Phase
from posxero.domain.import_choices import OnMatch
from posxero.services.contacts.contacts import values_of
from posxero.services.imports import review
from posxero.services.imports.files import adding, matching, reading
from posxero.services.imports.review import ReviewChoice
from tests.support import factories
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from tests.support.filing import FileImporter

ANN = "Name,Email,Mobile,Customer code\n=Ann Smith,ann@shop.example,021 555 0001,007\n"


def test_rows_become_customers_who_are_not_linked(filer: FileImporter) -> None:
    run = filer.load(ANN + "Bob,,,\n")
    assert (run.phase, run.added, run.read, run.error) == (Phase.FINISHED, 2, 2, "")
    ann, bob = filer.contacts()
    assert (ann.name, ann.email, ann.mobile, ann.customer_code) == (
        "=Ann Smith",
        "ann@shop.example",
        "021 555 0001",
        "007",
    )
    assert ann.is_customer
    assert bob.name == "Bob"
    entry = filer.session.scalars(select(Activity).where(Activity.contact_id == ann.id)).one()
    assert (entry.kind, entry.note) == (ActivityKind.ADDED, "Row 2 of customers.csv, by an import")
    assert filer.session.scalar(select(func.count()).select_from(ImportFilePiece)) == 0


def test_importing_the_same_file_twice_adds_nobody(filer: FileImporter) -> None:
    content = ANN + "Cash sale,,,\nJohn,,021 1,\nJohn,,021 2,\nBob,bob@shop.example,,\n"
    assert filer.load(content).added == 5
    run = filer.load(content, OnMatch.REPLACE)
    assert (run.added, run.updated, run.unchanged, run.to_check) == (0, 0, 5, 0)
    assert len(filer.contacts()) == 5


def test_who_is_here_is_left_as_they_are_unless_a_person_chose_otherwise(filer: FileImporter) -> None:
    ann = factories.add_contact(
        filer.session, filer.business, at=filer.clock(), name="Ann Smith", email="ann@shop.example", mobile="021 9"
    )
    content = "Name,Email,Mobile,Notes\nAnn Smith,ann@shop.example,021 1,VIP\n"
    before = values_of(ann)
    run = filer.load(content)
    assert (run.added, run.updated, run.unchanged) == (0, 0, 1)
    assert values_of(filer.contacts()[0]) == before
    assert filer.load(content, OnMatch.FILL).updated == 1
    assert values_of(filer.contacts()[0]) == before | {"notes": "VIP"}
    run = filer.load(content, OnMatch.REPLACE)
    assert (run.updated, filer.rows(run)[2].reason) == (1, "Mobile: 021 9 → 021 1")
    assert values_of(filer.contacts()[0]) == before | {"notes": "VIP", "mobile": "021 1"}
    entry = filer.session.scalars(select(Activity).order_by(Activity.id.desc()).limit(2)).all()[-1]
    assert (entry.kind, entry.note) == (ActivityKind.EDITED, "Row 2 of customers.csv, by an import")


def test_an_empty_cell_empties_nothing(filer: FileImporter) -> None:
    ann = factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Ann", notes="ours")
    run = filer.load(f"Retail POS ID,Name,Notes\n{ann.id},Anna,\n", OnMatch.REPLACE)
    (ann,) = filer.contacts()
    assert (run.updated, ann.name, ann.notes) == (1, "Anna", "ours")


def test_a_linked_customer_who_is_updated_is_owed_to_xero(filer: FileImporter) -> None:
    ann = factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Ann", email="a@shop.example")
    link = factories.add_link(filer.session, ann, factories.add_connection(filer.session, filer.business))
    filer.load(f"Retail POS ID,Email\n{ann.id},b@shop.example\n", OnMatch.REPLACE)
    filer.session.refresh(link)
    assert link.owed_revision > link.sent_revision
    assert not link.owed_by_person


def test_what_looks_like_a_customer_is_asked_about(filer: FileImporter) -> None:
    ann = factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Ann", mobile="021 555 0001")
    content = "Name,Mobile,Notes\nAnna,021 555 0001,new\nBo,021 555 0001,\nCy,021 555 0001,\nDi,,\n"
    run = filer.finish(filer.start(content, OnMatch.REPLACE))
    assert run.phase is Phase.REVIEW
    rows = filer.rows(run)
    assert [row.needs_review for _, row in sorted(rows.items())] == [True, True, True, False]
    jobs, now = RecordingQueue(), filer.clock()
    choices = {
        rows[2].xero_id: ReviewChoice(Decision.MATCH, ann.id),
        rows[3].xero_id: ReviewChoice(Decision.ADD),
        rows[4].xero_id: ReviewChoice(Decision.SKIP),
    }
    review.decide(filer.session, run.business_id, run.id, choices)
    review.continue_import(filer.session, jobs, run.business_id, run.id, now=now, by="Mana")
    run = filer.finish(run)
    assert (run.phase, run.updated, run.added, run.skipped) == (Phase.FINISHED, 1, 2, 1)
    assert {contact.name for contact in filer.contacts()} == {"Anna", "Bo", "Di"}


@pytest.mark.parametrize("ours", ["phone", "mobile", "direct_dial", "fax"])
def test_a_phone_counts_in_whichever_field_it_stands(filer: FileImporter, ours: str) -> None:
    factories.add_contact(filer.session, filer.business, "Ann", at=filer.clock(), **{ours: "09 555 0001"})
    run = filer.finish(filer.start("Name,Direct line,Fax\nBo,+64 9 555 0001,\nCy,,(09) 555-0001\nDi,,09 555 0002\n"))
    rows = filer.rows(run)
    assert [rows[number].reason for number in (2, 3, 4)] == ["same phone", "same phone", ""]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Name,Email\nAnn,ann\n", "Enter an email address like name@example.com. The file has “ann”"),
        ("Name,Email\n,ann@shop.example\n", "Enter the customer's name"),
        (f"Name\n{'x' * 256}\n", "Name must be 255 characters or fewer. It is 256 characters now"),
        ("Name,Birthday\nAnn,12/31/1990\n", "Birthday must be a real date, like 1990-12-31. The file has “12/31/1990”"),
        ("Retail POS ID,Name\n12,Ann\n", "“12” isn't a Retail POS ID. Leave that cell empty for a new customer."),
        ("Name,Email\nAnn,,surplus\n", reading.TOO_MANY_CELLS),
    ],
)
def test_a_row_that_is_wrong_is_named_and_the_others_are_imported(
    filer: FileImporter, content: str, reason: str
) -> None:
    run = filer.load(f"{content}\n,\n")
    assert (run.refused, run.added) == (1, 0)
    assert filer.rows(run)[2].reason == reason


def test_a_name_of_255_characters_and_codes_that_are_taken(filer: FileImporter) -> None:
    factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Zoe", customer_code="007")
    run = filer.load(f"Name,Code\n{'x' * 255},1\nBob,1\n")
    assert (run.added, run.refused) == (1, 1)
    assert filer.rows(run)[3].reason == "Another customer has the customer code “1”"
    assert filer.load("Name,Code\nZoe,007\n").unchanged == 1
    assert filer.finish(filer.start("Name,Code\nAnn,007\n")).phase is Phase.REVIEW


def test_rows_that_repeat_another_are_left_out(filer: FileImporter) -> None:
    run = filer.load("Name,Email\nAnn,a@shop.example\nANN,A@shop.example\nBo,\nBo,\n")
    assert (run.added, run.left_out) == (2, 2)
    rows = filer.rows(run)
    assert (rows[3].reason, rows[5].reason) == ("Row 2 has the same name and email", "Same as row 4")


def test_a_preview_changes_nobody_and_keeps_the_file(filer: FileImporter) -> None:
    factories.add_contact(filer.session, filer.business, at=filer.clock(), name="Ann Smith", email="ann@shop.example")
    content = "Name,Email,Notes\nAnn Smith,ann@shop.example,VIP\nBob,,\nCy,c,\n"
    run = filer.finish(filer.start(content, OnMatch.REPLACE, is_preview=True))
    assert run.phase is Phase.PREVIEWED
    assert (run.to_add, run.to_update, run.to_check, run.refused) == (1, 1, 0, 1)
    assert [contact.notes for contact in filer.contacts()] == [""]
    assert filer.session.scalar(select(func.count()).select_from(ImportFilePiece)) == 1


def test_a_worker_that_takes_over_loses_and_doubles_nothing(
    filer: FileImporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reading, matching, adding):
        monkeypatch.setattr(module, "ROWS_PER_COMMIT", 2)
    content = "Name,Notes\n" + "".join(f'Customer {n},"a\n{n}"\n' for n in range(7))
    run = filer.start(content)
    clock = filer.clock
    ticks = itertools.count()
    # every look at the clock is a slice later, so that each turn ends at its first commit
    monkeypatch.setattr(filer, "clock", lambda: clock() + next(ticks) * filer.settings.timings.slice)
    turns = 0
    while not run.phase.is_over and turns < 50:
        run = filer.turn(run)
        turns += 1
    assert turns > 5
    assert (run.phase, run.added, run.read) == (Phase.FINISHED, 7, 7)
    assert [contact.notes for contact in filer.contacts()] == [f"a\n{n}" for n in range(7)]
    assert {row.outcome for row in filer.rows(run).values()} == {Outcome.ADDED}
