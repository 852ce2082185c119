"""Customers who are or were merged are one person: both are handed out, and nothing of either is left."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import ActivityPayload
from posxero.db.contact import Contact
from posxero.db.import_ import ImportRow
from posxero.domain.enums import Outcome
from posxero.services.accounts.security_log import Actor
from posxero.services.personal_data import erase as erasing
from posxero.services.personal_data.export import write_archive
from tests.support import factories, merges
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@x.example")


@pytest.fixture
def twin(session: Session, business: Business) -> Contact:
    details = {"email": "quenby@x.example", "mobile": "021 555 0002", "street_line1": "2 Low Rd"}
    return factories.add_contact(session, business, "Quenby Farthingale", **details)


def erase(session: Session, business: Business, contact: Contact) -> None:
    erasing.erase(session, business, contact.id, contact.name, by=Actor("Olive"), now=now())
    session.expire_all()


def test_what_is_kept_of_who_was_merged_is_handed_out_too(
    session: Session, business: Business, ann: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ann, twin)
    survivor = session.get_one(Contact, (business.id, ann.id))
    content = write_archive(session, business, survivor, now=now(), with_answers=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"History.csv", "History 2.csv"} <= set(archive.namelist())
        details = archive.read("Details.csv").decode()
    assert "quenby@x.example" in details
    assert "2 Low Rd" in details


def test_a_merge_that_was_undone_leaves_nothing_in_the_other_ones_history(
    session: Session, business: Business, ann: Contact, twin: Contact
) -> None:
    merges.undo(session, business, merges.merge_into(session, business, ann, twin))
    erase(session, business, twin)
    kept = str(session.scalars(select(ActivityPayload.changes)).all())
    assert "021 555 0002" not in kept
    assert "2 Low Rd" not in kept


def test_rows_of_imports_about_who_was_merged_are_blanked(
    session: Session, business: Business, ann: Contact, twin: Contact
) -> None:
    connection = factories.add_connection(session, business)
    run = factories.new_import(business, tenant_id=connection.tenant_id)
    factories.store(session, run)
    factories.store(session, factories.new_import_row(run, twin.name, twin.email, outcome=Outcome.SKIPPED))
    merges.merge_into(session, business, ann, twin)
    erase(session, business, ann)
    assert session.scalars(select(ImportRow.name)).all() == ["Erased customer"]
