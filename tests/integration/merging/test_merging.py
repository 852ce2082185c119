"""Two customers become one: the survivor gets what the other had, and the other one is hidden and at rest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, LinkState, SaleStatus
from posxero.domain.kinds import ContactKind
from posxero.services.contacts import archive, contacts, merged
from posxero.services.contacts.duplicates import known
from posxero.services.contacts.emptied_fields import EmptyFields, WouldEmpty
from posxero.services.errors import Merged, NotFound
from posxero.services.merging.errors import CannotMerge, ChangedMeanwhile
from posxero.services.push.due import is_anything_due, is_due
from posxero.services.push.kinds import KINDS
from posxero.services.sales import balances
from tests.support import factories, merges, sales
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection

CONTACTS = KINDS[0]


def link_of(session: Session, contact: Contact) -> Link | None:
    return session.scalar(select(Link).where(Link.contact_id == contact.id))


def due(session: Session) -> set[object]:
    return set(session.scalars(select(Link.contact_id).where(is_due(CONTACTS, now()))))


def test_the_survivor_gets_what_it_lacks_and_what_was_chosen(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ana, twin, "name")
    values = contacts.values_of(ana)
    assert (values["name"], values["email"], values["mobile"]) == ("Anna Read", "ana@x.example", "021 555 0002")
    assert (values["street_line1"], values["street_city"], values["customer_code"]) == ("1 High St", "Napier", "A-7")
    assert (ana.merged_count, ana.version, twin.merged_into, twin.customer_code) == (1, 2, ana.id, "")
    told = session.scalars(select(Activity).order_by(Activity.id)).all()
    assert [(one.kind, one.contact_id, one.actor) for one in told] == [
        (ActivityKind.MERGED, ana.id, "Mia"),
        (ActivityKind.MERGED, twin.id, "Mia"),
    ]
    assert told[0].changes == [
        ["name", "Ana Reid", "Anna Read"],
        ["mobile", "", "021 555 0002"],
        ["customer_code", "", "A-7"],
    ]
    assert told[0].note == told[1].note == "Anna Read was merged into Ana Reid."


def test_an_address_is_chosen_as_a_whole(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    merges.merge_into(session, business, ana, twin, "street_line1")
    assert (ana.street_line1, ana.street_city) == ("2 Low Rd", "")


def test_the_other_one_is_found_nowhere_and_leads_to_the_survivor(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ana, twin)
    with pytest.raises(Merged) as led:
        contacts.get(session, business.id, twin.id)
    assert (led.value.survivor_id, led.value.name) == (ana.id, "Anna Read")
    assert (twin.is_customer, twin.is_supplier) == (False, False)
    assert [one.id for one in known.find(session, business, {"email": "ana@work.example"})] == []
    assert [one.id for one in known.find(session, business, {"mobile": "021 555 0002"})] == [ana.id]


def test_sales_and_drafts_move(session: Session, business: Business, ana: Contact, twin: Contact, staff: User) -> None:
    sales.charge(session, business, ana)
    sales.charge(session, business, twin)
    mine = {"business_id": business.id, "user_id": staff.id, "kind": ContactKind.CUSTOMER}
    times = {"started_at": LONG_AGO, "saved_at": LONG_AGO}
    session.add(Draft(**mine, **times, id=new_id(), contact_id=twin.id, fields={"name": "Anna"}, version=1))
    session.commit()
    merges.merge_into(session, business, ana, twin)
    assert set(session.scalars(select(Sale.contact_id))) == {ana.id}
    assert balances.owes(session, business.id, ana.id) == Decimal("68.00")
    (draft,) = session.scalars(select(Draft))
    assert (draft.contact_id, draft.version) == (ana.id, 0)


def test_the_survivor_is_owed_and_nothing_is_sent_for_the_other(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    sales.charge(session, business, twin)
    assert due(session) == {twin.id}
    merges.merge_into(session, business, ana, twin)
    assert due(session) == {ana.id}
    link = link_of(session, ana)
    assert link is not None
    link.sent_revision = link.owed_revision
    for sale in session.scalars(select(Sale)):
        sale.sent_revision = sale.owed_revision
    session.commit()
    assert not is_anything_due(session, business.id, now())


def test_a_refused_push_of_the_other_one_needs_nobody_any_more(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    link = link_of(session, twin)
    assert link is not None
    link.state, link.reason, link.owed_revision = LinkState.PARKED, "Name taken", 2
    session.commit()
    merges.merge_into(session, business, ana, twin)
    assert (link.state, link.reason) == (LinkState.ACTIVE, "")


def test_an_unlinked_survivor_gets_the_link(
    session: Session, business: Business, connection: Connection, twin: Contact
) -> None:
    lone = factories.add_contact(session, business, "Ana Reid")
    link = link_of(session, twin)
    assert link is not None
    twin.revision = link.sent_revision = link.owed_revision = 9
    session.commit()
    merges.merge_into(session, business, lone, twin)
    assert (link.contact_id, link.sent_revision, link.owed_revision, lone.revision) == (lone.id, 9, 10, 10)
    assert due(session) == {lone.id}
    assert merged.unmerged_links(session, business.id, connection.tenant_id) == []


def test_what_is_outstanding_in_xero_counts_until_xero_merged_it_too(
    session: Session, business: Business, connection: Connection, ana: Contact, twin: Contact
) -> None:
    merges.merge_into(session, business, ana, twin)
    link = link_of(session, twin)
    assert link is not None
    found = merged.unmerged_links(session, business.id, connection.tenant_id)
    assert [(survivor, one.id) for survivor, one in found] == [(ana.id, link.id)]
    link.state = LinkState.MERGED
    session.commit()
    assert merged.unmerged_links(session, business.id, connection.tenant_id, ana.id) == []


def test_chains_end_at_the_last_survivor(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    first = factories.add_contact(session, business, "A. Read")
    merges.merge_into(session, business, twin, first)
    merges.merge_into(session, business, ana, twin)
    assert (first.merged_into, twin.merged_into, ana.merged_count) == (ana.id, ana.id, 2)
    assert merged.names_of(session, ana) == {first.id: "A. Read", twin.id: "Anna Read"}


def test_flags_and_consent_come_along(session: Session, business: Business, ana: Contact) -> None:
    consent: dict[str, Any] = {
        "marketing_consent": "yes",
        "marketing_consent_at": LONG_AGO,
        "marketing_consent_source": "Sam",
    }
    supplier = factories.add_contact(session, business, "Anna", is_supplier=True, **consent)
    merges.merge_into(session, business, ana, supplier, "marketing_consent")
    assert (ana.is_customer, ana.is_supplier, ana.marketing_consent) == (True, True, True)
    assert (ana.marketing_consent_at, ana.marketing_consent_source) == (LONG_AGO, "Sam")


def test_what_keeps_two_from_being_merged(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    with pytest.raises(CannotMerge, match="same one"):
        merges.merge_into(session, business, ana, ana)
    with pytest.raises(NotFound):
        merges.merge_into(session, business, ana, twin, loser_id=uuid4())
    with pytest.raises(ChangedMeanwhile, match="Somebody saved Anna Read after you opened this page"):
        merges.merge_into(session, business, ana, twin, seen=(1, 2))
    archive.archive(session, business.id, ana.id, by="Mia", now=now())
    with pytest.raises(CannotMerge, match=r"Ana Reid is archived here\. Restore Ana Reid first, or keep Anna Read"):
        merges.merge_into(session, business, ana, twin)
    archive.restore(session, business.id, ana.id, by="Mia", now=now())
    merges.merge_into(session, business, ana, twin)
    with pytest.raises(CannotMerge, match="Anna Read was already merged"):
        merges.merge_into(session, business, ana, twin)
    with pytest.raises(CannotMerge, match="Anna Read was already merged"):
        merges.merge_into(session, business, twin, ana)


def test_what_may_be_on_its_way_is_waited_for(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    sale = sales.charge(session, business, twin)
    sale.creation_key = "key"
    session.commit()
    with pytest.raises(CannotMerge, match="Sale POS-0001 of Anna Read is being sent to Xero"):
        merges.merge_into(session, business, ana, twin)
    assert (twin.merged_into, session.scalar(select(Sale.contact_id))) == (None, twin.id)
    sale.creation_key, sale.status = "", SaleStatus.OPEN
    link = link_of(session, twin)
    assert link is not None
    link.xero_id, link.creation_key = None, "key"
    session.commit()
    with pytest.raises(CannotMerge, match="Xero may be adding Anna Read right now"):
        merges.merge_into(session, business, ana, twin)


def test_emptying_what_xero_holds_is_asked_first(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    link = link_of(session, ana)
    assert link is not None
    link.copy = {**link.copy, "values": {**link.copy["values"], "fax": "09 555 0000"}}
    session.commit()
    with pytest.raises(WouldEmpty):
        merges.merge_into(session, business, ana, twin, empty_fields=EmptyFields.ASK)
    assert twin.merged_into is None
    merges.merge_into(session, business, ana, twin, empty_fields=EmptyFields.FILL)
    assert ana.fax == "09 555 0000"
