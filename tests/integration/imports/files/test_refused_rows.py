"""What a file has that cannot be imported is refused with the reason, also when it is imported again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.domain.enums import Outcome
from posxero.domain.labels import LabelKind
from posxero.services.contacts.labels import vocabulary
from posxero.services.imports.start import Scope
from tests.support.times import now

if TYPE_CHECKING:
    from posxero.db.import_ import Import
    from tests.support.filing import FileImporter


def again(filer: FileImporter, run: Import) -> Import:
    return filer.finish(filer.begin(Scope(retry_of=run.id, retry_outcome=Outcome.REFUSED)))


def test_a_row_with_too_many_cells_is_refused_again(filer: FileImporter) -> None:
    run = filer.load("Name,Address line 1,City\nAnn,1 High St, Napier,Napier\n")
    reason = filer.rows(run)[2].reason
    assert "more cells than there are headings" in reason
    repeated = again(filer, run)
    assert (filer.rows(repeated)[2].outcome, filer.rows(repeated)[2].reason) == (Outcome.REFUSED, reason)
    assert filer.contacts() == []


def test_groups_and_tags_are_spelled_as_the_shop_does(filer: FileImporter) -> None:
    for kind, name in ((LabelKind.GROUP, "Trade"), (LabelKind.TAG, "VIP")):
        vocabulary.add(filer.session, filer.business.id, kind, name, now=now())
    filer.load("Name,Group,Tags\nAnn,trade,vip\n")
    (ann,) = filer.contacts()
    assert (ann.customer_group, ann.tags) == ("Trade", "|VIP|")


def test_a_group_that_the_shop_lacks_is_named_until_it_is_there(filer: FileImporter) -> None:
    run = filer.load("Name,Group\nAnn,Trade\n")
    row = filer.rows(run)[2]
    assert (row.outcome, row.reason) == (
        Outcome.REFUSED,
        "There is no group called Trade. A manager adds groups in Settings",
    )
    vocabulary.add(filer.session, filer.business.id, LabelKind.GROUP, "Trade", now=now())
    again(filer, run)
    assert [contact.customer_group for contact in filer.contacts()] == ["Trade"]
