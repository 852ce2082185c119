"""What an import left out is offered when a customer is linked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.services.push.links.candidates import choice_for
from tests.support.times import now

if TYPE_CHECKING:
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


def test_contacts_that_the_newest_import_left_out_are_candidates(importer: Importer, practice: PracticeServer) -> None:
    practice.add(Name="Ana Reid", EmailAddress="ana@supplier.example", IsSupplier=True)
    practice.add(Name="Somebody Else", EmailAddress="else@supplier.example", IsSupplier=True)
    run = importer.finish(importer.start())
    ana = importer.add(name="Ana Reid")
    bob = importer.add(name="Bob", email="else@supplier.example")
    offered = {}
    for contact in (ana, bob):
        choice = choice_for(importer.session, importer.business, contact, run.tenant_id, now=now())
        offered[contact.name] = [(one.name, one.reasons, one.may_be_linked) for one in choice.candidates]
    assert offered == {
        "Ana Reid": [("Ana Reid", ("same name",), True)],
        "Bob": [("Somebody Else", ("same email",), True)],
    }
