"""A person whose details were erased does not come back from Xero unless somebody allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.import_ import ImportRow
from posxero.domain.enums import Outcome, Phase
from posxero.services.imports import exclusions, undo
from posxero.services.personal_data.erase import erase
from tests.support.importing import MANA

if TYPE_CHECKING:
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

NAME = "Quenby Farthingale"


def names(importer: Importer) -> set[str]:
    return set(importer.session.scalars(select(Contact.name)))


def test_no_import_brings_back_who_was_erased(importer: Importer, xero: PracticeServer) -> None:
    there = xero.add(Name=NAME, EmailAddress="quenby@x.example")
    first = importer.finish(importer.start())
    person = importer.session.scalars(select(Contact).where(Contact.name == NAME)).one()
    erase(importer.session, importer.business, person.id, NAME, by=MANA, now=importer.clock())
    xero.edit(there["ContactID"], EmailAddress="quenby.new@x.example")

    again = importer.finish(importer.start())
    assert again.phase is Phase.FINISHED
    assert again.added == 0
    assert NAME not in names(importer)
    mine = select(ImportRow).where(ImportRow.import_id == again.id, ImportRow.xero_id == UUID(there["ContactID"]))
    row = importer.session.scalars(mine).one()
    assert (row.name, row.copy, row.email_key, row.outcome) == ("Erased customer", {}, "", Outcome.LEFT_OUT)

    undo.undo(importer.session, importer.jobs, first.business_id, first.id, by="Mana", now=importer.clock())
    assert importer.finish(first).phase is Phase.UNDONE
    assert importer.session.get(Contact, (person.business_id, person.id)) is not None

    excluded = importer.session.scalars(select(ExcludedContact)).one()
    exclusions.include(importer.session, excluded.business_id, excluded.id)
    assert importer.finish(importer.start()).phase is Phase.FINISHED
    assert NAME in names(importer)


def test_who_is_erased_during_an_import_is_not_added(importer: Importer, xero: PracticeServer) -> None:
    xero.add(Name=NAME, EmailAddress="quenby@x.example")
    importer.finish(importer.start())
    person = importer.session.scalars(select(Contact).where(Contact.name == NAME)).one()
    importer.add(name="Ann Smith", email="ann@shop.example")
    xero.add(Name="A. Smith", EmailAddress="ann@shop.example")
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW
    erase(importer.session, importer.business, person.id, NAME, by=MANA, now=importer.clock())
    rows = importer.session.scalars(select(ImportRow).execution_options(populate_existing=True)).all()
    assert NAME not in {row.name for row in rows}
    assert importer.session.scalars(select(Link).where(Link.contact_id == person.id)).all() == []
