"""An import keeps what each contact owes in Xero: the page says it, and no second read is needed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from posxero.db.contact import Link
from posxero.domain.enums import Outcome, Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


def owing(outstanding: object, overdue: object) -> dict[str, Any]:
    """Return the Balances of a contact, as Xero's pages have them."""
    return {"AccountsReceivable": {"Outstanding": outstanding, "Overdue": overdue}}


def link_of(importer: Importer, xero_id: object) -> Link:
    found = select(Link).where(Link.xero_id == UUID(str(xero_id))).execution_options(populate_existing=True)
    link = importer.session.scalars(found).one()
    importer.session.commit()
    return link


def test_every_new_link_has_the_balance_that_the_page_showed(
    open_xero: Callable[[int], PracticeServer], open_importer: Callable[[PracticeServer], Importer]
) -> None:
    xero = open_xero(0)
    importer = open_importer(xero)
    owes = xero.add(Name="Owes", Balances=owing(120.5, 20.05), IsCustomer=True)["ContactID"]
    here = xero.add(Name="Was here", EmailAddress="h@shop.example", Balances=owing(7.1, 0), IsCustomer=True)
    nothing = xero.add(Name="Owes nothing")["ContactID"]
    absurd = xero.add(Name="Absurd", Balances=owing(1e30, 1), IsCustomer=True)["ContactID"]
    importer.add(name="Was here", email="h@shop.example")
    run = importer.finish(importer.start())
    assert run.phase is Phase.FINISHED
    assert importer.row(run, here["ContactID"]).outcome is Outcome.LINKED
    shown = {xero_id: link_of(importer, xero_id) for xero_id in (owes, here["ContactID"], nothing, absurd)}
    assert [(str(link.outstanding), str(link.overdue)) for link in shown.values()] == [
        ("120.50", "20.05"),
        ("7.10", "0.00"),
        ("0.00", "0.00"),
        ("None", "1.00"),
    ]
    assert {link.balance_at for link in shown.values()} == {run.started_at}


def test_importing_again_refreshes_the_balance_of_a_link(importer: Importer, xero: PracticeServer) -> None:
    importer.finish(importer.start())
    first = importer.session.scalars(select(Link.xero_id).order_by(Link.xero_id)).first()
    importer.session.commit()
    xero.edit(first, Balances=owing(33, 0))
    importer.later += timedelta(minutes=10)
    run = importer.finish(importer.start())
    after = link_of(importer, first)
    assert after.outstanding == Decimal(33)
    assert after.balance_at is not None
    assert run.started_at <= after.balance_at
