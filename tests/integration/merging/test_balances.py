"""What a customer owes follows the sales when two are merged, and when that is undone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.contact import Contact
from tests.support import sales
from tests.support.merges import merge_into, undo

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business

SALE = Decimal("34.00")


def owes(session: Session, *contacts: Contact) -> list[Decimal]:
    found = {row.id: row.owes for row in session.execute(select(Contact.id, Contact.owes))}
    session.commit()
    return [found[contact.id] for contact in contacts]


def test_the_survivor_owes_what_both_did(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    sales.charge(session, business, twin)
    sales.charge(session, business, ana)
    merge_into(session, business, ana, twin)
    assert owes(session, ana, twin) == [2 * SALE, 0]
    assert ana.last_sold_on is not None
    assert twin.last_sold_on is None


def test_after_an_undo_each_owes_their_own(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    sales.charge(session, business, twin)
    merged = merge_into(session, business, ana, twin)
    sales.charge(session, business, ana)
    assert owes(session, ana, twin) == [2 * SALE, 0]
    undo(session, business, merged)
    assert owes(session, ana, twin) == [SALE, SALE]
