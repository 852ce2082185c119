"""Undoing an import takes back whom it made a supplier or a customer, except those who were sold to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.db.contact import Contact, Link
from posxero.domain.enums import Phase
from posxero.services.imports import undo, undo_preview, undo_rules
from posxero.services.xero_connection import connections
from tests.support import sales

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


def undone(importer: Importer, run: Import) -> Import:
    undo.undo(importer.session, importer.jobs, run.business_id, run.id, by="Mana", now=importer.clock())
    return importer.finish(run)


def kinds_of(importer: Importer, contact: Contact) -> tuple[bool, bool]:
    importer.session.commit()
    importer.session.refresh(contact)
    return contact.is_customer, contact.is_supplier


def sell(importer: Importer, contact: Contact) -> None:
    connection = connections.current(importer.session, importer.business.id)
    assert connection is not None
    sales.add_sales_settings(importer.session, importer.business, connection)
    sales.charge(importer.session, importer.business, contact)


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
    sell(importer, sold)
    assert undone(importer, second).phase is Phase.UNDONE
    assert kinds_of(importer, linked) == (True, False)
    assert kinds_of(importer, both) == (False, True)
    assert kinds_of(importer, sold) == (True, True)


def test_an_import_that_only_switched_kinds_on_is_undone(
    importer: Importer, xero: PracticeServer, sign_in: Callable[[User], Browser], manager: User
) -> None:
    browser, theirs = sign_in(manager), {}
    for name, is_supplier in (("Only A Customer", False), ("Only A Supplier", True)):
        theirs[name] = xero.add(Name=name, IsCustomer=not is_supplier, IsSupplier=is_supplier)["ContactID"]
    importer.finish(importer.start(with_suppliers=True))
    customer, sold = (importer.contact(xero_id) for xero_id in theirs.values())
    for xero_id in theirs.values():
        xero.edit(xero_id, IsCustomer=True, IsSupplier=True)
    run = importer.finish(importer.start(with_suppliers=True))
    assert (run.added, run.linked, run.kinds_added, undo_preview.may_undo(run)) == (0, 0, 2, True)
    assert "2 of those already linked are now both customer and supplier" in browser.get(f"/imports/{run.id}").text
    asked = browser.get(f"/imports/{run.id}/undo").text
    assert "1 customer will no longer be a supplier too." in asked
    assert "1 supplier will no longer be a customer too." in asked
    sell(importer, sold)
    assert dict(undo_preview.preview_undo(importer.session, run).kept) == {undo_rules.SOLD: 1}
    run = undone(importer, run)
    assert (run.phase, run.undone, run.kinds_added, run.settled) == (Phase.UNDONE, 1, 1, 2)
    assert [kinds_of(importer, one) for one in (customer, sold)] == [(True, False), (True, True)]
    assert importer.count(Link) == importer.count(Contact), "they stay linked"
