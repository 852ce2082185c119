from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain.enums import ActivityKind, Phase
from tests.support.importing import accounted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.importing import Importer
    from tests.support.practice_server import Json, PracticeServer


def kind(contact: Json) -> str:
    if contact["ContactStatus"] != "ACTIVE":
        return "left out"
    return "supplier" if contact["IsSupplier"] and not contact["IsCustomer"] else "customer"


def test_every_contact_of_xero_is_accounted_for(
    open_xero: Callable[[int], PracticeServer], open_importer: Callable[[PracticeServer], Importer]
) -> None:
    xero = open_xero(1200)
    importer = open_importer(xero)
    run = importer.finish(importer.start())
    kinds = Counter(kind(contact) for contact in xero.contacts())
    assert run.phase is Phase.FINISHED
    assert (run.read, accounted(run)) == (1200, 1200)
    assert run.added == kinds["customer"] == importer.count(Contact) == importer.count(Link)
    assert run.left_out == kinds["left out"] + kinds["supplier"]
    assert len(xero.calls("/api.xro/2.0/Contacts")) == 3  # two pages, and what changed meanwhile


def test_the_values_are_those_of_xero(importer: Importer, xero: PracticeServer) -> None:
    importer.finish(importer.start())
    for there in xero.contacts():
        if kind(there) != "customer":
            continue
        here = importer.contact(there["ContactID"])
        street = there["Addresses"].get("STREET", {})
        assert (here.name, here.email) == (there["Name"], there.get("EmailAddress") or "")
        assert here.street_city == (street.get("City") or "")
        assert here.is_supplier == there["IsSupplier"]


def test_nothing_is_owed_after_an_import(importer: Importer) -> None:
    importer.finish(importer.start())
    rows = importer.session.execute(
        select(Link.sent_revision, Link.owed_revision, Contact.revision, Link.differs).join(
            Contact, Contact.id == Link.contact_id
        )
    ).all()
    assert rows
    assert all(sent == owed == revision and not differs for sent, owed, revision, differs in rows)


def test_running_it_again_adds_nothing(importer: Importer) -> None:
    first = importer.finish(importer.start())
    second = importer.finish(importer.start())
    assert (second.added, second.linked, second.already_linked) == (0, 0, first.added)
    assert accounted(second) == second.read == first.read
    assert importer.count(Contact) == first.added


def test_suppliers_come_when_they_are_asked_for(importer: Importer, xero: PracticeServer) -> None:
    first = importer.finish(importer.start())
    second = importer.finish(importer.start(with_suppliers=True))
    suppliers = [contact for contact in xero.contacts() if kind(contact) == "supplier"]
    assert suppliers
    assert second.added == len(suppliers)
    assert second.already_linked == first.added
    here = [importer.contact(contact["ContactID"]) for contact in suppliers]
    assert all(contact.is_supplier and not contact.is_customer for contact in here)


def test_a_general_contact_is_a_customer(importer: Importer, xero: PracticeServer) -> None:
    there = xero.add(Name="General Trading", IsCustomer=False, IsSupplier=False)
    importer.finish(importer.start())
    assert importer.contact(there["ContactID"]).is_customer


def test_a_contact_that_is_both_is_both_here(importer: Importer, xero: PracticeServer) -> None:
    there = xero.add(Name="Both Ways", IsCustomer=True, IsSupplier=True)
    importer.finish(importer.start())
    here = importer.contact(there["ContactID"])
    assert (here.is_customer, here.is_supplier) == (True, True)


def test_the_history_says_where_a_customer_came_from(importer: Importer, xero: PracticeServer) -> None:
    there = xero.add(Name="Hana Ngata", IsCustomer=True)
    importer.finish(importer.start())
    contact = importer.contact(there["ContactID"])
    (entry,) = importer.session.scalars(select(Activity).where(Activity.contact_id == contact.id))
    assert (entry.kind, entry.actor, entry.note) == (ActivityKind.IMPORTED, "Mana", "Kiwi Outfitters, linked")


def test_an_imported_customer_is_found_by_what_search_reads(importer: Importer, xero: PracticeServer) -> None:
    there = xero.add(Name="Zoë Māhana", EmailAddress="Zoe@Example.NZ", IsCustomer=True)
    importer.finish(importer.start())
    contact = importer.contact(there["ContactID"])
    assert (contact.name_key, contact.email_key) == ("zoe mahana", "zoe@example.nz")
    assert " mahana" in contact.search_text


def test_an_empty_organisation_is_imported(importer: Importer, xero: PracticeServer) -> None:
    for contact in xero.contacts():
        xero.remove(contact["ContactID"])
    run = importer.finish(importer.start())
    assert (run.phase, run.read, run.added) == (Phase.FINISHED, 0, 0)
