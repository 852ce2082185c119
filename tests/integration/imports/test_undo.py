"""Undoing an import takes back what it made, where nobody has used it since, and never touches Xero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, Outcome, Phase
from posxero.domain.kinds import ContactKind
from posxero.services.contacts import archive, contacts
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.imports import undo, undo_preview, undo_rules
from posxero.services.imports.errors import AlreadyRunning
from posxero.services.push import engine, linking
from tests.support.importing import accounted

if TYPE_CHECKING:
    from uuid import UUID

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


def undone(importer: Importer, run: Import) -> Import:
    undo.undo(importer.session, importer.jobs, run.business_id, run.id, by="Mana", now=importer.clock())
    return importer.finish(run)


def added(importer: Importer) -> list[Contact]:
    query = select(Contact).order_by(Contact.name_key).execution_options(populate_existing=True)
    return list(importer.session.scalars(query))


def save(importer: Importer, contact: Contact, **fields: str) -> None:
    form = ContactSubmission(values=fields, seen=contact.version)
    contacts.save(
        importer.session, importer.business, contact.id, form, by="Mana", now=importer.clock(), jobs=importer.jobs
    )


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "ROWS_PER_COMMIT", 7)


@pytest.mark.usefixtures("small_steps")
def test_everything_that_nobody_used_goes(importer: Importer, xero: PracticeServer) -> None:
    mine = importer.add(name="Ours Alone", email="ours@shop.example")
    run = importer.finish(importer.start())
    before, writes = run.added, [call for call in xero.calls() if call["method"] != "GET"]
    preview = undo_preview.preview_undo(importer.session, run)
    assert (preview.removed, preview.unlinked, list(preview.kept)) == (before, 0, [])
    run = undone(importer, run)
    assert (run.phase, run.undone, run.added, run.linked) == (Phase.UNDONE, before, 0, 0)
    assert [contact.id for contact in added(importer)] == [mine.id]
    assert importer.count(Link) == 0
    assert run.read == accounted(run)
    assert [call for call in xero.calls() if call["method"] != "GET"] == writes
    (told,) = importer.session.scalars(select(Activity).where(Activity.kind == ActivityKind.IMPORT_UNDONE))
    assert (told.actor, told.import_id, told.note) == ("Mana", run.id, f"{before} undone, 0 kept")
    again = importer.finish(importer.start())
    assert (again.added, again.already_linked) == (before, 0)


def test_what_was_used_since_stays_with_the_reason(importer: Importer, manager: User) -> None:
    run = importer.finish(importer.start())
    edited, archived, unlinked, sent, drafted, touched, *_ = added(importer)
    session, now = importer.session, importer.clock()
    save(importer, edited, notes="ours")
    archive.archive(session, run.business_id, archived.id, by="Mana", now=now)
    archive.archive(session, run.business_id, touched.id, by="Mana", now=now)
    archive.restore(session, run.business_id, touched.id, by="Mana", now=now)
    linking.unlink(session, run.business_id, unlinked.id, by="Mana", now=now)
    save(importer, sent, email="new@shop.example")
    engine.push(session, run.business_id, importer.ports)
    with writing(session):
        draft = {"business_id": run.business_id, "id": new_id(), "user_id": manager.id, "contact_id": drafted.id}
        session.add(Draft(**draft, kind=ContactKind.CUSTOMER, started_at=now, saved_at=now))
    expected = {
        edited.id: undo_rules.EDITED,
        archived.id: undo_rules.EDITED,
        touched.id: undo_rules.EDITED,
        unlinked.id: undo_rules.LINK_CHANGED,
        sent.id: undo_rules.SENT,
        drafted.id: undo_rules.UNSAVED,
    }
    preview = undo_preview.preview_undo(session, run)
    assert dict(preview.kept) == {
        undo_rules.EDITED: 3,
        undo_rules.LINK_CHANGED: 1,
        undo_rules.SENT: 1,
        undo_rules.UNSAVED: 1,
    }
    assert dict(preview.names) == {
        session.get_one(Contact, (run.business_id, key)).name: expected[key] for key in expected
    }
    kept = len(expected)
    before = run.added
    run = undone(importer, run)
    assert (run.phase, run.undone, run.added) == (Phase.UNDONE, before - kept, kept)
    assert {contact.id for contact in added(importer)} == set(expected)
    rows = {link.contact_id for link in session.scalars(select(Link))}
    assert rows == set(expected) - {unlinked.id}


def test_links_are_taken_back_with_what_they_filled_in(importer: Importer, xero: PracticeServer) -> None:
    for name in ("Ana Mahana", "Bo Mahana"):
        importer.add(name=name, email=f"{name[:2].strip().lower()}@shop.example")
        email = f"{name[:2].strip().lower()}@shop.example"
        xero.add(Name=name, FirstName=name[:3].strip(), EmailAddress=email, CompanyNumber="77", IsCustomer=True)
    run = importer.finish(importer.start())
    assert run.linked == 2
    ana, bo = (next(one for one in added(importer) if one.name == name) for name in ("Ana Mahana", "Bo Mahana"))
    save(importer, bo, company_number="88")
    engine.push(importer.session, run.business_id, importer.ports)
    preview = undo_preview.preview_undo(importer.session, run)
    assert (preview.unlinked, list(preview.names)) == (1, [("Bo Mahana", undo_rules.SENT)])
    run = undone(importer, run)
    assert (run.linked, run.added) == (1, 0)
    left = {contact.name: (contact.first_name, contact.company_number) for contact in added(importer)}
    assert left == {"Ana Mahana": ("", ""), "Bo Mahana": ("Bo", "88")}
    (link,) = importer.session.scalars(select(Link))
    assert link.contact_id == bo.id
    told = importer.session.scalars(select(Activity.kind).where(Activity.contact_id == ana.id).order_by(Activity.id))
    assert list(told) == [ActivityKind.LINKED, ActivityKind.UNLINKED]


def test_a_link_of_a_later_import_is_not_undone(importer: Importer, xero: PracticeServer) -> None:
    ana = importer.add(name="Ana Mahana", email="ana@shop.example")
    xero.add(Name="Ana Mahana", EmailAddress="ana@shop.example", IsCustomer=True)
    first = importer.finish(importer.start())
    linking.undo_link(importer.session, importer.business, ana.id, by="Mana", now=importer.clock())
    second = importer.finish(importer.start())
    assert (first.linked, second.linked) == (1, 1)
    assert undone(importer, first).linked == 1
    assert importer.session.scalar(select(Link.contact_id).where(Link.contact_id == ana.id)) == ana.id
    assert undone(importer, second).linked == 0


def test_a_second_press_changes_nothing(importer: Importer) -> None:
    run = importer.finish(importer.start())
    save(importer, added(importer)[0], notes="ours")
    run = undone(importer, run)
    ended = (run.finished_at, run.undone, run.added)
    queued = len(importer.jobs.imports)
    run = undo.undo(importer.session, importer.jobs, run.business_id, run.id, by="Mana", now=importer.clock())
    assert (run.phase, run.finished_at, run.undone, run.added) == (Phase.UNDONE, *ended)
    assert len(importer.jobs.imports) == queued
    told = importer.session.scalars(select(Activity).where(Activity.kind == ActivityKind.IMPORT_UNDONE))
    assert len(list(told)) == 1


def test_an_import_is_not_undone_while_another_runs(importer: Importer) -> None:
    first = importer.finish(importer.start())
    second = importer.start()
    with pytest.raises(AlreadyRunning):
        undo.undo(importer.session, importer.jobs, first.business_id, first.id, by="Mana", now=importer.clock())
    importer.finish(second)
    assert undone(importer, first).added == 0


def test_an_import_with_nothing_left_here_cannot_be_undone(importer: Importer) -> None:
    importer.finish(importer.start())
    second = importer.finish(importer.start())
    assert (second.already_linked > 0, undo_preview.may_undo(second)) == (True, False)


def test_a_customer_with_a_sale_stays(importer: Importer) -> None:
    run = importer.finish(importer.start())
    customer = added(importer)[0]
    with writing(importer.session):
        importer.session.add(
            Sale(
                business_id=run.business_id,
                id=new_id(),
                tenant_id=run.tenant_id,
                number="RP-1",
                contact_id=customer.id,
                sold_on=date(2026, 11, 26),
                due_on=date(2026, 12, 20),
                currency="NZD",
                url="",
                total=Decimal(1),
                tax=Decimal(0),
                amount_due=Decimal(1),
                created_at=importer.clock(),
                created_by="",
            )
        )
    assert dict(undo_preview.preview_undo(importer.session, run).kept) == {undo_rules.SOLD: 1}
    undone(importer, run)
    assert [contact.id for contact in added(importer)] == [customer.id]
    assert importer.session.scalars(select(Sale.contact_id)).all() == [customer.id]


@pytest.mark.usefixtures("small_steps")
def test_a_save_in_between_is_kept(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer is saved between the steps of the undo."""
    run = importer.finish(importer.start())
    last = importer.session.scalars(select(Link).order_by(Link.xero_id.desc()).limit(1)).one()
    saved, remove, steps = last.contact_id, undo._remove, 0

    def removing(*args: object) -> list[UUID]:
        nonlocal steps
        steps += 1
        if steps == 2:
            change = update(Contact).where(Contact.id == saved).values(version=2, notes="ours")
            importer.session.execute(change.execution_options(synchronize_session=False))
        return remove(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(undo, "_remove", removing)
    run = undone(importer, run)
    assert [(contact.id, contact.notes) for contact in added(importer)] == [(saved, "ours")]
    row = importer.row(run, last.xero_id)
    assert (row.outcome, row.reason) == (Outcome.ADDED, undo_rules.EDITED)
