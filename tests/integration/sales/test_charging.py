"""Charging a sale to an account: one commit, one sale for each form, and nothing half saved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.db.sale import Sale, SaleLine
from posxero.db.sales_settings import SalesSettings
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.sale_rules import TypedLine
from posxero.services.contacts import archive
from posxero.services.contacts.emptied_fields import EmptyFields, WouldEmpty
from posxero.services.errors import NotFound
from posxero.services.sales import balances, charge, queries
from posxero.services.sales.errors import (
    AlreadyCharged,
    CannotCharge,
    InvalidSale,
    MissingSettings,
    OverLimit,
    SettingsPage,
)
from tests.support import factories, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection


def count(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_sale_is_saved_with_its_lines_its_debt_and_its_history(
    session: Session, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann, sales.SOCKS, TypedLine("Wool", "1.99", "0.5"), reference=" Ria ")
    found, contact = queries.get_with_lines(session, business.id, sale.id)
    assert (found.number, found.total, found.tax, found.amount_due) == (
        "POS-0001",
        Decimal("35.00"),
        Decimal("4.56"),
        Decimal("35.00"),
    )
    assert (found.sold_on, found.due_on, found.reference, found.currency) == (
        date(2026, 11, 26),
        date(2026, 12, 20),
        "Ria",
        "NZD",
    )
    assert [(line.description, line.amount, line.tax) for line in found.lines] == [
        ("Socks", Decimal("34.00"), Decimal("4.43")),
        ("Wool", Decimal("1.00"), Decimal("0.13")),
    ]
    assert (found.sent_revision, found.owed_revision, found.url) == (0, 1, f"https://pos.example/sales/{sale.id}")
    link = session.scalars(select(Link).execution_options(populate_existing=True)).one()
    assert (contact.revision, link.owed_revision, link.sent_revision) == (2, 2, 1)
    (told,) = session.scalars(select(Activity))
    assert (told.kind, told.note, told.sale_id, told.actor) == (
        ActivityKind.SOLD,
        "POS-0001, NZD 35.00.",
        sale.id,
        "Sam",
    )
    assert balances.owes(session, business.id, ann.id) == balances.owes(session, business.id) == Decimal("35.00")


def test_a_form_that_is_sent_twice_makes_one_sale(session: Session, business: Business, ann: Contact) -> None:
    first, second = (sales.charge(session, business, ann, idempotency_key="k") for _ in range(2))
    assert first.id == second.id
    assert count(session, Sale) == count(session, SaleLine) == 1
    settings = session.scalars(select(SalesSettings).execution_options(populate_existing=True)).one()
    assert settings.next_number == 2


def test_a_customer_without_a_link_is_owed_to_xero_first(
    session: Session, business: Business, connection: Connection
) -> None:
    sales.add_sales_settings(session, business, connection)
    ben = factories.add_contact(session, business, "Ben")
    sales.charge(session, business, ben)
    link = session.scalars(select(Link)).one()
    assert (link.xero_id, link.sent_revision, link.owed_revision, link.tenant_id, link.state) == (
        None,
        0,
        2,
        connection.tenant_id,
        LinkState.ACTIVE,
    )


def test_a_wrong_field_saves_nothing(session: Session, business: Business, ann: Contact) -> None:
    with pytest.raises(InvalidSale) as refusal:
        sales.charge(session, business, ann, TypedLine("", "0"), sold_on="2026-02-29", reference="x" * 256)
    assert set(refusal.value.errors) == {"description-0", "price-0", "sold_on", "reference"}
    assert count(session, Sale) == count(session, Activity) == 0
    session.refresh(ann)
    assert ann.revision == 1


def test_the_books_of_a_locked_period_are_known_before(
    session: Session, business: Business, connection: Connection, ann: Contact
) -> None:
    terms = sales.organisation_settings(business, connection)
    organisation = session.scalars(select(type(terms))).one()
    organisation.locked_until = date(2026, 11, 26)
    session.commit()
    with pytest.raises(InvalidSale, match="locked up to 26 November 2026"):
        sales.charge(session, business, ann)


def test_missing_settings_stop_a_sale_and_say_where(
    session: Session, business: Business, connection: Connection, other_business: Business
) -> None:
    ben = factories.add_contact(session, business, "Ben")
    with pytest.raises(MissingSettings) as refusal:
        sales.charge(session, business, ben)
    assert refusal.value.page is SettingsPage.SALES
    nora = factories.add_contact(session, other_business, "Nora")
    with pytest.raises(MissingSettings) as refusal:
        sales.charge(session, other_business, nora)
    assert refusal.value.page is SettingsPage.XERO
    settings = sales.add_sales_settings(session, business, connection, tax_type="RETIRED")
    with pytest.raises(MissingSettings, match="tax rate"):
        sales.charge(session, business, ben)
    settings.tax_type, settings.account_code = "OUTPUT2", "999"
    session.commit()
    with pytest.raises(MissingSettings, match="Account 999"):
        sales.charge(session, business, ben)
    settings.account_code, settings.tenant_id = "200", ben.id
    session.commit()
    with pytest.raises(MissingSettings, match="another Xero organisation"):
        sales.charge(session, business, ben)
    assert count(session, Sale) == 0


def test_over_the_limit_only_a_manager_with_a_reason_sells(session: Session, business: Business, ann: Contact) -> None:
    ann.credit_limit = Decimal(50)
    session.commit()
    sales.charge(session, business, ann)
    with pytest.raises(OverLimit) as refusal:
        sales.charge(session, business, ann, over_limit_reason="She pays on Friday")
    assert (refusal.value.owes, refusal.value.total, refusal.value.limit) == (Decimal(34), Decimal(34), Decimal(50))
    manager = sales.charge_context(by="Mana", may_override=True)
    with pytest.raises(OverLimit):
        sales.charge(session, business, ann, context=manager, over_limit_reason=" ")
    sale = sales.charge(session, business, ann, context=manager, over_limit_reason="She pays on Friday")
    assert sale.over_limit_reason == "She pays on Friday"
    note = session.scalars(select(Activity.note).order_by(Activity.id.desc())).first()
    assert note == "POS-0002, NZD 34.00. Over the limit: She pays on Friday"


def test_the_default_limit_holds_for_those_without_one(session: Session, business: Business, ann: Contact) -> None:
    session.scalars(select(SalesSettings)).one().default_limit = Decimal(34)
    session.commit()
    sales.charge(session, business, ann)
    with pytest.raises(OverLimit):
        sales.charge(session, business, ann)


def test_an_archived_customer_and_another_shops_get_no_sale(
    session: Session, business: Business, ann: Contact, other_business: Business
) -> None:
    with pytest.raises(NotFound):
        sales.charge(session, other_business, ann)
    archive.archive(session, business.id, ann.id, by="Mana", now=now())
    with pytest.raises(CannotCharge, match="Ann Smith is archived here"):
        sales.charge(session, business, ann)


def test_a_sale_asks_before_it_empties_what_xero_has(session: Session, business: Business, ann: Contact) -> None:
    link = session.scalars(select(Link)).one()
    link.copy = {"values": {"name": "Ann Smith", "email": "ann@shop.example"}}
    session.commit()
    with pytest.raises(WouldEmpty):
        sales.charge(session, business, ann)
    assert count(session, Sale) == 0
    sales.charge(session, business, ann, empty_fields=EmptyFields.FILL)
    session.refresh(ann)
    assert ann.email == "ann@shop.example"


def test_the_push_is_enqueued_after_the_commit(session: Session, business: Business, ann: Contact) -> None:
    jobs = RecordingQueue()
    form = sales.sale_form()
    charge.charge(session, business, ann.id, form, sales.charge_context(), now=now(), jobs=jobs)
    assert jobs.pushes == [business.id]


@pytest.mark.parametrize("other", [{"reference": "PO 2"}, {"sold_on": "2026-11-01"}])
def test_a_form_that_is_sent_again_with_other_details_is_not_taken_for_the_same(
    session: Session, business: Business, ann: Contact, other: dict[str, Any]
) -> None:
    sent: dict[str, Any] = {"idempotency_key": "key", "reference": "PO 1"}
    first = sales.charge(session, business, ann, **sent)
    assert sales.charge(session, business, ann, **sent).id == first.id
    with pytest.raises(AlreadyCharged, match="with other details"):
        sales.charge(session, business, ann, **(sent | other))
