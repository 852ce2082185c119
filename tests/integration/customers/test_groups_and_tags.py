"""Groups and tags: managed in Settings, chosen for a customer, in its history, in the list."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain.enums import ActivityKind
from posxero.domain.kinds import ContactKind
from posxero.domain.labels import LabelKind
from posxero.services.contacts.labels import vocabulary
from posxero.services.contacts.labels.assignment import LabelChange
from posxero.services.contacts.labels.vocabulary import InvalidLabel
from posxero.services.contacts.lists import saved_filters
from tests.support import factories, merges
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture
def tablet(sign_in: SignIn, manager: User) -> Browser:
    return sign_in(manager)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    factories.add_label(session, business, LabelKind.GROUP, "Trade", "Staff")
    factories.add_label(session, business, LabelKind.TAG, "VIP", "Newsletter")
    ann = factories.add_contact(session, business, email="ann@x.example")
    factories.add_link(session, ann, factories.add_connection(session, business))
    return ann


def save(tablet: Browser, ann: Contact, **typed: str) -> str:
    answer = tablet.submit(f"/customers/{ann.id}/edit", {"version": "1", **typed}, follow_redirects=True)
    return " ".join(unescape(answer.text).split())


def reread(session: Session, ann: Contact) -> None:
    session.rollback()  # ends what the session saw before
    session.refresh(ann)


def label_id(session: Session, business: Business, name: str) -> UUID:
    session.rollback()
    uses = vocabulary.uses(session, business.id)
    return next(one.id for found in uses.values() for one in found if one.name == name)


def test_both_are_chosen_in_the_form_shown_and_never_sent(session: Session, tablet: Browser, ann: Contact) -> None:
    form = tablet.get(f"/customers/{ann.id}/edit").text
    assert '<option value="Staff">Staff</option>' in form
    assert "Your tags: Newsletter, VIP" in form
    page = save(tablet, ann, customer_group="trade", tags="vip, newsletter ,VIP")
    assert '<dt>Group</dt> <dd><span class="lines">Trade</span>' in page
    assert "Newsletter, VIP" in page
    assert "Group: empty → <ins>Trade</ins>" in page
    assert "Tags: empty → <ins>Newsletter, VIP</ins>" in page
    reread(session, ann)
    assert (ann.customer_group, ann.tags, ann.version, ann.revision) == ("Trade", "|Newsletter|VIP|", 2, 1)
    assert session.scalars(select(Link.owed_revision)).one() == 1
    listed = tablet.get("/customers?group=Trade&tag=VIP&q=ann").text
    assert "Trade · Newsletter · VIP" in listed
    assert '<option value="VIP" selected>VIP</option>' in listed
    assert "No customer is in this group, or has this tag" in tablet.get("/customers?group=Staff").text


def test_a_name_that_is_not_there_is_refused_with_those_that_are(tablet: Browser, ann: Contact) -> None:
    page = save(tablet, ann, tags="VIP, Loud", customer_group="Wholesale")
    assert "There is no tag called Loud. Your tags: Newsletter, VIP" in page
    assert "There is no group called Wholesale. Your groups: Staff, Trade" in page
    assert 'value="Loud, VIP"' in page or 'value="VIP, Loud"' in page
    many = save(tablet, ann, tags=",".join(f"t{number}" for number in range(11)))
    assert "Choose 10 tags at most. There are 11 now" in many


def test_two_people_and_an_earlier_version(session: Session, tablet: Browser, ann: Contact) -> None:
    save(tablet, ann, customer_group="Trade")
    assert "Someone else changed this customer" in save(tablet, ann, customer_group="Staff")
    save(tablet, ann, tags="VIP", version="2")
    reread(session, ann)
    assert (ann.customer_group, ann.tags, ann.version) == ("Trade", "|VIP|", 3)
    first = select(Activity.id).where(Activity.contact_id == ann.id, Activity.field_keys == " customer_group ")
    shown = tablet.get(f"/customers/{ann.id}/history/{session.scalars(first).one()}/restore").text
    assert '<input type="hidden" name="tags" value="">' in shown


def test_a_new_customer_has_them_from_the_first(session: Session, tablet: Browser, ann: Contact) -> None:
    tablet.submit("/customers/new", {"name": "Bob", "customer_group": "STAFF", "tags": "vip", "idempotency_key": "1"})
    bob = session.scalars(select(Contact).where(Contact.id != ann.id)).one()
    assert (bob.customer_group, bob.tags) == ("Staff", "|VIP|")


def test_a_manager_adds_and_renames_and_every_customer_follows(
    session: Session, tablet: Browser, ann: Contact, business: Business
) -> None:
    save(tablet, ann, customer_group="Trade", tags="VIP")
    assert tablet.submit("/settings/labels", {"kind": "tag", "name": " Big  spender "}).status_code == 303
    again = tablet.submit("/settings/labels", {"kind": "tag", "name": "big spender"})
    assert (again.status_code, "There is a tag big spender already" in again.text) == (422, True)
    for wrong, said in (("", "Enter the name of the tag"), ("a,b", "cannot contain ,"), ("x" * 31, "30 characters")):
        assert said in tablet.submit("/settings/labels", {"kind": "tag", "name": wrong}).text
    path = f"/settings/labels/{label_id(session, business, 'VIP')}"
    assert "1 customer has it, and shows the new name." in tablet.get(path).text
    tablet.submit(path, {"name": "Best"})
    tablet.submit(f"/settings/labels/{label_id(session, business, 'Trade')}", {"name": "Wholesale"})
    reread(session, ann)
    assert (ann.customer_group, ann.tags, ann.version) == ("Wholesale", "|Best|", 2)
    assert "Wholesale · Best" in tablet.get("/customers?tag=Best").text


def test_deleting_says_how_many_and_history_says_who(
    session: Session, tablet: Browser, ann: Contact, business: Business
) -> None:
    save(tablet, ann, customer_group="Trade", tags="Newsletter, VIP")
    path = f"/settings/labels/{label_id(session, business, 'VIP')}/delete"
    assert "1 customer has it, and stays without it. This is noted in their history." in tablet.get(path).text
    assert "Tag VIP deleted. 1 customer had it." in tablet.submit(path, {}, follow_redirects=True).text
    reread(session, ann)
    assert (ann.tags, ann.version) == ("|Newsletter|", 3)
    entry = session.scalars(select(Activity).where(Activity.contact_id == ann.id).order_by(Activity.id.desc())).first()
    assert entry is not None
    assert (entry.kind, entry.actor) == (ActivityKind.EDITED, "Mana")
    assert entry.changes == [["tags", "Newsletter, VIP", "Newsletter"]]
    trade = label_id(session, business, "Trade")
    assert vocabulary.delete(session, business.id, trade, by="Mana", now=LONG_AGO) == 1
    reread(session, ann)
    assert ann.customer_group == ""
    session.refresh(business)
    assert business.list_choices["groups"] == ["Staff"]


def test_staff_choose_and_managers_manage(sign_in: SignIn, staff: User, ann: Contact) -> None:
    browser = sign_in(staff)
    assert browser.get("/settings/labels").status_code == 403
    assert "<ins>Trade</ins>" in save(browser, ann, customer_group="Trade")


def test_there_is_an_end_to_them(session: Session, business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "LABELS_MAX", 1)
    factories.add_label(session, business, LabelKind.TAG, "VIP")
    with pytest.raises(InvalidLabel, match="You have 1 tags already"):
        factories.add_label(session, business, LabelKind.TAG, "Loud")


def test_a_full_set_of_tags_takes_no_other() -> None:
    ten = ", ".join(f"t{number}" for number in range(10))
    assert LabelChange(LabelKind.TAG, "VIP").apply(ten) == ten
    assert LabelChange(LabelKind.TAG, "VIP").apply("Newsletter") == "Newsletter, VIP"
    assert LabelChange.removal(LabelKind.TAG, "vip").apply("Newsletter, VIP") == "Newsletter"


def test_whoever_was_merged_is_counted_once(session: Session, business: Business, ann: Contact) -> None:
    twin = factories.add_contact(session, business, "Anna Smith", customer_group="Trade")
    ann.customer_group = "Trade"
    session.commit()
    merges.merge_into(session, business, ann, twin)
    groups = vocabulary.uses(session, business.id)[LabelKind.GROUP]
    assert {use.name: use.contacts for use in groups} == {"Staff": 0, "Trade": 1}


@pytest.mark.usefixtures("ann")
def test_a_saved_filter_goes_with_the_group_that_it_is_about(
    session: Session, business: Business, tablet: Browser
) -> None:
    for name, group in (("Traders", "Trade"), ("Our people", "Staff")):
        saved_filters.save(session, business.id, ContactKind.CUSTOMER, name, {"group": group}, by="Mana", now=LONG_AGO)
    vocabulary.delete(session, business.id, label_id(session, business, "Trade"), by="Mana", now=LONG_AGO)
    page = tablet.get("/customers").text
    assert "Our people" in page
    assert "Traders" not in page
