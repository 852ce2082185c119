"""A file brings back nobody who was erased here, or merged into somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import Decision, Outcome, Phase
from posxero.domain.import_choices import OnMatch
from posxero.services.accounts.security_log import Actor
from posxero.services.imports import review
from posxero.services.imports.review import ReviewChoice
from posxero.services.personal_data import erase as erasing
from tests.support import factories, merges
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.filing import FileImporter

pytestmark = pytest.mark.usefixtures("_connection")


@pytest.fixture
def _connection(session: Session, business: Business) -> None:
    factories.add_connection(session, business)


def test_who_was_erased_stays_erased(filer: FileImporter, session: Session, business: Business) -> None:
    filer.load("Name,Email,Phone\nAnn Smith,ann@x.example,021 555 0001\n")
    old = filer.export()
    (ann,) = filer.contacts()
    erasing.erase(session, business, ann.id, "Ann Smith", by=Actor("Olive"), now=filer.clock())
    session.expire_all()
    run = filer.load(old, OnMatch.REPLACE)
    (row,) = filer.rows(run).values()
    assert (row.outcome, row.reason) == (Outcome.REFUSED, "Its details were erased here, so it isn't imported")
    (ann,) = filer.contacts()
    assert (ann.email, ann.phone, ann.erased_at is not None) == ("", "", True)


def test_who_was_merged_is_not_added_again(filer: FileImporter, session: Session, business: Business) -> None:
    filer.load("Name,Email\nAnn Smith,ann@x.example\nAnna Smyth,anna@x.example\n")
    old = filer.export()
    ann, anna = filer.contacts()
    merges.merge_into(session, business, ann, anna)
    run = filer.load(old)
    assert (run.phase, run.added) == (Phase.FINISHED, 0)
    assert [row.reason for row in filer.rows(run).values() if row.outcome is Outcome.REFUSED] == [
        "It was merged into another customer here, so it isn't imported"
    ]
    assert len(filer.contacts()) == 2


def test_who_is_merged_during_the_review_is_not_written_into(
    filer: FileImporter, session: Session, business: Business
) -> None:
    filer.load("Name,Email,Phone\nAnn,ann@x.example,021 555 0001\nAnna,anna@x.example,\nBob,bob@x.example,\n")
    ids = {contact.name: contact.id for contact in filer.contacts()}
    content = f"Retail POS ID,Name,Phone,Email\n{ids['Ann']},Ann,021 555 0002,\n,Bob,,bob@y.example\n"
    run = filer.load(content, OnMatch.REPLACE)
    assert run.phase is Phase.REVIEW
    by_name = {contact.name: contact for contact in filer.contacts()}
    merges.merge_into(session, business, by_name["Anna"], by_name["Ann"])
    bob = next(row.xero_id for row in filer.rows(run).values() if row.needs_review)
    review.decide(session, business.id, run.id, {bob: ReviewChoice(Decision.SKIP)})
    review.continue_import(session, RecordingQueue(), business.id, run.id, now=filer.clock())
    run = filer.finish(run)
    assert (run.phase, filer.rows(run)[2].outcome) == (Phase.FINISHED, Outcome.REFUSED)
    assert {contact.phone for contact in filer.contacts()} == {"", "021 555 0001"}
