"""Voiding a sale here; what Xero must hear of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, LinkState, SaleStatus
from posxero.services.errors import NotFound
from posxero.services.sales import balances, voiding
from posxero.services.sales.errors import CannotVoid
from tests.support import sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.contact import Contact


def void(session: Session, business: Business, sale: Sale) -> Sale:
    voiding.void(session, business.id, sale.id, by="Mana", now=now(), jobs=RecordingQueue())
    session.expire_all()
    return session.scalars(select(Sale)).one()


def test_a_sale_that_never_reached_xero_is_voided_without_a_call(
    session: Session, business: Business, ann: Contact
) -> None:
    voided = void(session, business, sales.charge(session, business, ann))
    assert (voided.status, voided.voided_by, voided.amount_due) == (SaleStatus.VOIDED, "Mana", Decimal("0.00"))
    assert voided.sent_revision == voided.owed_revision == 1
    assert balances.owes(session, business.id, ann.id) == 0
    last = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert last is not None
    assert (last.kind, last.note, last.sale_id) == (ActivityKind.SALE_VOIDED, "POS-0001, NZD 34.00.", voided.id)


@pytest.mark.parametrize(
    "columns",
    [
        {"xero_id": uuid4(), "sent_revision": 1},
        {"creation_key": "k"},
        {"lease_token": uuid4()},
        {"verify_due": True},
        {"unconfirmed": [{"values": {}, "checks": [], "creation": True}]},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_sale_that_xero_may_have_is_owed_again(
    session: Session, business: Business, ann: Contact, columns: dict[str, object]
) -> None:
    sale = sales.charge(session, business, ann)
    for column, value in columns.items():
        setattr(sale, column, value)
    sale.state, sale.reason = LinkState.PARKED, "Xero refused it"
    session.commit()
    voided = void(session, business, sale)
    assert (voided.owed_revision, voided.state, voided.reason) == (2, LinkState.ACTIVE, "")
    assert voided.sent_revision < voided.owed_revision
    assert void(session, business, sale).owed_revision == 2  # a second press changes nothing


def test_a_sale_with_money_on_it_is_not_voided(session: Session, business: Business, ann: Contact) -> None:
    sale = sales.charge(session, business, ann)
    sale.paid = Decimal(1)
    session.commit()
    with pytest.raises(CannotVoid, match="Credit it in Xero"):
        void(session, business, sale)
    assert sale.status is SaleStatus.OPEN


def test_another_shops_sale_is_not_found(
    session: Session, business: Business, ann: Contact, other_business: Business
) -> None:
    sale = sales.charge(session, business, ann)
    with pytest.raises(NotFound):
        void(session, other_business, sale)
