"""Undoing an import takes back whom it made a supplier or a customer, except those who were sold to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.domain.enums import Phase
from posxero.services.imports import undo
from posxero.services.xero_connection import connections
from tests.support import sales

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from posxero.db.import_ import Import
    from tests.importing import Importer
    from tests.practice_server import PracticeServer


def undone(importer: Importer, run: Import) -> Import:
    undo.undo(importer.session, importer.jobs, run.business_id, run.id, by="Mana", now=importer.clock())
    return importer.finish(run)


def kinds_of(importer: Importer, contact: Contact) -> tuple[bool, bool]:
    importer.session.commit()
    importer.session.refresh(contact)
    return contact.is_customer, contact.is_supplier


def test_kinds_that_an_import_switched_on_are_switched_off_again(importer: Importer, xero: PracticeServer) -> None:
    first = importer.finish(importer.start())
    assert first.phase is Phase.FINISHED
    theirs = next(held for held in xero.contacts() if held["IsCustomer"] and not held["IsSupplier"])
    linked = importer.contact(theirs["ContactID"])
    xero.edit(theirs["ContactID"], IsSupplier=True)
    email = {"EmailAddress": "both@x.example"}
    xero.add(Name="Both Ltd", IsCustomer=True, IsSupplier=True, **email)
    xero.add(Name="Sold Ltd", IsCustomer=True, IsSupplier=True, EmailAddress="sold@x.example")
    both = importer.add(name="Both Ltd", email="both@x.example", is_customer=False, is_supplier=True)
    sold = importer.add(name="Sold Ltd", email="sold@x.example", is_customer=False, is_supplier=True)
    second = importer.finish(importer.start(with_suppliers=True))
    assert [kinds_of(importer, one) for one in (linked, both, sold)] == [(True, True)] * 3
    connection = connections.current(importer.session, importer.business.id)
    assert connection is not None
    sales.add_sales_settings(importer.session, importer.business, connection)
    sales.charge(importer.session, importer.business, sold)
    assert undone(importer, second).phase is Phase.UNDONE
    assert kinds_of(importer, linked) == (True, False)
    assert kinds_of(importer, both) == (False, True)
    assert kinds_of(importer, sold) == (True, True)
