"""Undoing a merge is the identity; what happened since stays where it happened."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.draft import Draft
from posxero.db.merge import ContactMerge
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.fields import FIELDS
from posxero.domain.kinds import ContactKind
from posxero.services.contacts import contacts
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.merging.errors import CannotUndoMerge
from tests.support import factories, merges, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection

KEYS = [field.key for field in FIELDS if field.key not in {"name", "birthday", "marketing_consent", "customer_code"}]
LINKS = st.none() | st.fixed_dictionaries(
    {
        "owed_revision": st.integers(1, 3),
        "state": st.sampled_from(LinkState),
        "differs": st.booleans(),
        "tries": st.integers(0, 3),
    }
)
CUSTOMERS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Ana Reid", "Anna Read", "Zoë"]),
        "values": st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["", "1", "two"]), max_size=4),
        "more": st.fixed_dictionaries({"is_supplier": st.booleans(), "tax_number_edited": st.booleans()}),
        "consent": st.booleans(),
        "code": st.booleans(),
        "revision": st.integers(1, 5),
        "link": LINKS,
        "sales": st.integers(0, 2),
        "draft": st.booleans(),
    }
)


def furnish(session: Session, business: Business, connection: Connection, user: User, like: dict[str, Any]) -> Contact:
    """Add a customer with its link, sales and draft."""
    code: dict[str, Any] = {"customer_code": new_id().hex} if like["code"] else {}
    consent: dict[str, Any] = {"marketing_consent": "yes", "marketing_consent_at": LONG_AGO} if like["consent"] else {}
    contact = factories.add_contact(
        session, business, like["name"], **like["values"], **code, **consent, **like["more"]
    )
    for _ in range(like["sales"]):
        sales.charge(session, business, contact)
    link = session.scalar(select(Link).where(Link.contact_id == contact.id))
    if like["link"] and link is None:
        factories.add_link(session, contact, connection, **like["link"])
    if like["draft"]:
        draft = {"business_id": business.id, "user_id": user.id, "kind": ContactKind.CUSTOMER, "fields": {"name": "A"}}
        times = {"started_at": LONG_AGO, "saved_at": LONG_AGO}
        session.add(Draft(**draft, **times, id=new_id(), contact_id=contact.id, version=1))
    contact.revision = max(contact.revision, like["revision"])
    session.commit()
    return contact


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(survivor=CUSTOMERS, loser=CUSTOMERS, chosen=st.sets(st.sampled_from(["name", *KEYS])))
def test_undoing_restores_every_column_of_every_row(
    session: Session,
    business: Business,
    connection: Connection,
    staff: User,
    survivor: dict[str, Any],
    loser: dict[str, Any],
    chosen: set[str],
) -> None:
    both = [furnish(session, business, connection, staff, like) for like in (survivor, loser)]
    before = merges.picture(session)
    merged = merges.merge_into(session, business, both[0], both[1], *chosen)
    assert merges.picture(session) != before
    back = merges.undo(session, business, merged)
    assert back.id == both[1].id
    assert merges.picture(session) == before


def test_a_chain_is_undone_from_its_end(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    first = factories.add_contact(session, business, "A. Read", customer_code="C-1")
    sales.charge(session, business, first)
    before = merges.picture(session)
    inner = merges.merge_into(session, business, twin, first)
    between = merges.picture(session)
    outer = merges.merge_into(session, business, ana, twin)
    with pytest.raises(CannotUndoMerge, match="Anna Read was merged into another customer since"):
        merges.undo(session, business, inner)
    merges.undo(session, business, outer)
    assert merges.picture(session) == between
    merges.undo(session, business, inner)
    assert merges.picture(session) == before


def test_what_the_survivor_got_since_stays_with_it(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    sales.charge(session, business, twin)
    merged = merges.merge_into(session, business, ana, twin)
    sales.charge(session, business, ana)
    form = ContactSubmission(values={"mobile": "021 999 9999"}, seen=ana.version, confirmed=True)
    contacts.save(session, business, ana.id, form, by="Sam", now=now(), jobs=RecordingQueue())
    merges.undo(session, business, merged)
    owners = dict(session.execute(select(Sale.number, Sale.contact_id)).all())
    assert owners == {"POS-0001": twin.id, "POS-0002": ana.id}
    assert (ana.mobile, twin.mobile, ana.merged_count) == ("021 999 9999", "021 555 0002", 0)
    assert (twin.customer_code, ana.customer_code) == ("A-7", "")
    told = session.scalars(
        select(Activity).where(Activity.kind == ActivityKind.MERGE_UNDONE).order_by(Activity.id)
    ).all()
    assert [one.contact_id for one in told] == [ana.id, twin.id]
    assert told[0].changes == [["customer_code", "A-7", ""]]


def test_xero_is_owed_the_old_values_where_it_heard_of_the_merge(
    session: Session, business: Business, ana: Contact, twin: Contact
) -> None:
    merged = merges.merge_into(session, business, ana, twin)
    link = session.scalars(select(Link).where(Link.contact_id == ana.id)).one()
    link.sent_revision = link.owed_revision
    session.commit()
    merges.undo(session, business, merged)
    assert link.owed_revision == ana.revision > link.sent_revision


def test_a_link_that_moved_goes_back_and_is_owed(session: Session, business: Business, twin: Contact) -> None:
    lone = factories.add_contact(session, business, "Ana Reid")
    merged = merges.merge_into(session, business, lone, twin)
    link = session.scalars(select(Link)).one()
    link.sent_revision = link.owed_revision = 40
    lone.revision = 40
    session.commit()
    merges.undo(session, business, merged)
    assert (link.contact_id, link.owed_revision, twin.revision) == (twin.id, 41, 41)


def test_what_makes_undoing_impossible(session: Session, business: Business, ana: Contact, twin: Contact) -> None:
    sale = sales.charge(session, business, twin)
    merged = merges.merge_into(session, business, ana, twin)
    with pytest.raises(CannotUndoMerge, match="30 days"):
        merges.undo(session, business, merged, now=now() + timedelta(days=31))
    sale.creation_key = "key"
    session.commit()
    with pytest.raises(CannotUndoMerge, match="Sale POS-0001 is being sent to Xero right now"):
        merges.undo(session, business, merged)
    sale.creation_key = ""
    ana.customer_code = ""
    session.commit()
    other = factories.add_contact(session, business, "Cara", customer_code="A-7")
    with pytest.raises(CannotUndoMerge, match="Cara now has Anna Read's customer code, A-7"):
        merges.undo(session, business, merged)
    other.customer_code = ""
    session.commit()
    merges.undo(session, business, merged)
    with pytest.raises(CannotUndoMerge, match="undone already"):
        merges.undo(session, business, merged)
    assert sale.total == Decimal("34.00")
    assert session.scalars(select(ContactMerge.undone_by)).one() == "Mia"


def test_two_without_a_link_are_two_again_although_one_was_linked_since(
    session: Session, business: Business, connection: Connection
) -> None:
    one, two = (factories.add_contact(session, business, name) for name in ("Ana Reid", "Anna Read"))
    merged = merges.merge_into(session, business, one, two)
    link = factories.add_link(session, one, connection)
    assert merges.undo(session, business, merged).merged_into is None
    session.refresh(link)
    assert link.contact_id == one.id
