"""Settings → Sales, and the limit of one customer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.sale import SaleLine
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.sale_terms import DueRule
from posxero.services.errors import NotConnected
from posxero.services.sales import settings as service
from posxero.services.sales.errors import InvalidSalesSettings
from posxero.services.sales.settings import TypedSettings
from tests.support import factories, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact

TYPED = TypedSettings(account_code="200", tax_type="OUTPUT2", due_days=" 7 ", default_limit="1,000")


def saved(session: Session) -> SalesSettings:
    return session.scalars(select(SalesSettings).execution_options(populate_existing=True)).one()


def test_what_is_chosen_is_saved_and_changed(session: Session, business: Business, connection: Connection) -> None:
    session.add(sales.organisation_settings(business, connection))
    session.commit()
    service.save(session, business, TYPED, now=now(), jobs=RecordingQueue())
    first = saved(session)
    assert (first.due_rule, first.due_days, first.default_limit) == (DueRule.AFTER_MONTH, 7, Decimal("1000.00"))
    assert (first.number_prefix, first.next_number, first.tenant_id) == ("POS-", 1, connection.tenant_id)
    service.save(
        session, business, replace(TYPED, default_limit="", next_number="42"), now=now(), jobs=RecordingQueue()
    )
    assert (saved(session).default_limit, saved(session).next_number) == (None, 42)


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("account_code", "999"),
        ("tax_type", ""),
        ("due_days", "-1"),
        ("due_days", "367"),
        ("number_prefix", "Größe-"),
        ("number_prefix", 'a"b'),
        ("number_prefix", "x" * 51),
        ("next_number", "0"),
        ("next_number", "1.5"),
        ("default_limit", "much"),
        ("default_limit", "0.001"),
    ],
)
def test_what_is_wrong_is_named_beside_its_control(
    session: Session, business: Business, connection: Connection, key: str, typed: str
) -> None:
    session.add(sales.organisation_settings(business, connection))
    session.commit()
    with pytest.raises(InvalidSalesSettings) as refusal:
        service.save(session, business, replace(TYPED, **{key: typed}), now=now(), jobs=RecordingQueue())
    assert list(refusal.value.errors) == [key]
    assert session.scalars(select(SalesSettings)).all() == []


def test_a_number_that_a_sale_has_is_not_given_again(session: Session, business: Business, ann: Contact) -> None:
    sales.charge(session, business, ann)
    with pytest.raises(InvalidSalesSettings, match="already"):
        service.save(session, business, TYPED, now=now(), jobs=RecordingQueue())


def test_without_a_connection_there_is_nothing_to_choose_from(session: Session, business: Business) -> None:
    with pytest.raises(NotConnected):
        service.save(session, business, TYPED, now=now(), jobs=RecordingQueue())


def test_the_limit_of_a_customer_is_set_and_recorded(session: Session, business: Business) -> None:
    ann = factories.add_contact(session, business)
    for typed, limit in (("500", Decimal("500.00")), ("", None)):
        service.set_credit_limit(session, business, ann.id, typed, by="Mana", now=now())
        session.refresh(ann)
        assert ann.credit_limit == limit
    told = session.execute(select(Activity.kind, Activity.note).order_by(Activity.id)).all()
    assert [tuple(one) for one in told] == [
        (ActivityKind.LIMIT_CHANGED, "NZD 500.00."),
        (ActivityKind.LIMIT_CHANGED, "The shop's default."),
    ]
    with pytest.raises(InvalidSalesSettings):
        service.set_credit_limit(session, business, ann.id, "lots", by="Mana", now=now())


def test_sales_that_xero_refused_are_tried_again_on_the_new_settings(
    session: Session, business: Business, ann: Contact
) -> None:
    refused, other = sales.charge(session, business, ann), sales.charge(session, business, ann)
    refused.state, refused.reason = LinkState.PARKED, "The income account is archived."
    organisation = session.scalars(select(OrganisationSettings)).one()
    organisation.accounts = [*organisation.accounts, {"code": "260", "name": "Other", "tax_type": "NONE"}]
    organisation.tax_rates = [*organisation.tax_rates, {"tax_type": "NONE", "name": "No GST", "rate": "0"}]
    session.commit()
    jobs = RecordingQueue()
    typed = replace(TYPED, account_code="260", tax_type="NONE", next_number="3")
    service.save(session, business, typed, now=now(), jobs=jobs)
    lines = session.scalars(select(SaleLine).order_by(SaleLine.id).execution_options(populate_existing=True)).all()
    assert [(line.account_code, line.tax_type, line.tax) for line in lines] == [
        ("260", "NONE", Decimal("0.00")),
        ("200", "OUTPUT2", Decimal("4.43")),
    ]
    session.refresh(refused)
    session.refresh(other)
    assert (refused.state, refused.reason, refused.tax, refused.total) == (
        LinkState.ACTIVE,
        "",
        Decimal("0.00"),
        Decimal("34.00"),
    )
    assert (other.tax, jobs.pushes) == (Decimal("4.43"), [business.id])
