"""The number of past invoices that print with a customer's name, after merges."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.enums import LinkState
from posxero.services.sales.receivables import past_invoices
from tests.support import merges, sales
from tests.support.times import now

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from posxero.db.business import Business


def sell(session: Session, business: Business, contact: Contact, sent_at: datetime) -> None:
    sale = sales.charge(session, business, contact)
    with writing(session):
        sale.xero_id, sale.sent_at = new_id(), sent_at


def link_of(session: Session, contact: Contact) -> Link:
    return session.scalars(
        select(Link).where(Link.contact_id == contact.id).execution_options(populate_existing=True)
    ).one()


def test_an_invoice_to_the_contact_that_was_merged_here_is_not_counted_until_xero_merges_too(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    sell(session, business, ana, now() - timedelta(days=2))
    sell(session, business, twin, now() - timedelta(days=2))
    sell(session, business, twin, now() + timedelta(days=1))  # sent after the merge: to the survivor
    merged = merges.merge_into(session, business, ana, twin)
    assert past_invoices.count(session, link_of(session, ana)) == 2
    with writing(session):
        link_of(session, twin).state = LinkState.MERGED
    assert past_invoices.count(session, link_of(session, ana)) == 3
    with writing(session):
        link_of(session, twin).state = LinkState.ACTIVE
    merges.undo(session, business, merged)
    assert past_invoices.count(session, link_of(session, ana)) == 1


def test_an_invoice_is_not_counted_after_a_second_merge(
    session: Session, business: Business, ana: Contact, twin: Contact, third: Contact
) -> None:
    sell(session, business, third, now() - timedelta(days=2))
    merges.merge_into(session, business, twin, third)
    merges.merge_into(session, business, ana, twin)
    assert past_invoices.count(session, link_of(session, ana)) is None
