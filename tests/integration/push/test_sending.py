"""A saved customer reaches Xero, whole and alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.domain.enums import ActivityKind, SyncState

if TYPE_CHECKING:
    import httpx2
    from sqlalchemy.orm import Session

    from tests.support.pushing import Shop
    from tests.support.transports import Send


def test_a_saved_customer_reaches_xero(shop: Shop) -> None:
    ann = shop.customer("Ann Smith", email="ann@shop.example")
    shop.edit(ann, email="ann@new.example", mobile="021 555 0002", street_city="Auckland")
    assert shop.badge(ann).state is SyncState.WAITING
    assert shop.jobs.pushes == [shop.business.id]
    shop.push()
    held = shop.held(ann)
    assert held["EmailAddress"] == "ann@new.example"
    assert held["Phones"]["MOBILE"]["PhoneNumber"] == "021 555 0002"
    assert held["Addresses"]["STREET"]["City"] == "Auckland"
    assert shop.badge(ann).state is SyncState.SYNCED
    link = shop.link(ann)
    assert (link.sent_revision, link.lease_token, link.tries, link.reason) == (2, None, 0, "")
    assert link.sent_at is not None
    sent = shop.history(ann)[-1]
    assert (sent.kind, sent.revision) == (ActivityKind.SENT, 2)
    assert ["email", "", "ann@new.example"] in sent.changes
    assert "ann@new.example" in sent.raw
    assert sent.sent == {"name": "Ann Smith"} | {key: new for key, _, new in sent.changes}


def test_a_customer_that_nobody_edited_is_not_sent(shop: Shop) -> None:
    shop.customer("Ann Smith", email="ours@shop.example")
    shop.push()
    assert shop.posts() == 0


def test_what_is_not_ours_survives(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    persons = [{"FirstName": "Pat", "LastName": "Lee", "EmailAddress": "", "IncludeInEmails": False}]
    shop.xero.edit(
        shop.link(ann).xero_id, ContactPersons=persons, BankAccountDetails="01-0001", TaxNumber="***-**-1234"
    )
    shop.edit(ann, email="ann@new.example")
    shop.push()
    held = shop.held(ann)
    assert held["ContactPersons"] == persons
    assert held["BankAccountDetails"] == "01-0001"
    assert held["TaxNumber"] == "***-**-1234"


def test_a_birthday_and_a_consent_go_nowhere(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.edit(ann, birthday="1990-12-31", marketing_consent="yes")
    shop.push()
    assert shop.posts() == 0
    shop.edit(ann, email="ann@new.example")
    shop.push()
    held = shop.held(ann)
    assert held["EmailAddress"] == "ann@new.example"
    assert "1990" not in str(held)
    assert {"birthday", "marketing_consent"}.isdisjoint(shop.link(ann).copy["values"])


def test_a_tax_number_is_sent_once_it_was_edited_here(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.edit(ann, tax_number="123-456-789")
    shop.push()
    assert shop.held(ann)["TaxNumber"] == "123-456-789"


def test_fifty_customers_are_one_call_and_the_fifty_first_another(shop: Shop) -> None:
    customers = shop.customers([f"Customer {n:02}" for n in range(51)])
    for contact in customers:
        shop.edit(contact, email=f"c{contact.name[-2:]}@shop.example")
    shop.push()
    assert shop.posts() == 2
    assert {shop.badge(contact).state for contact in customers} == {SyncState.SYNCED}
    assert {shop.held(contact)["EmailAddress"] for contact in customers} == {f"c{n:02}@shop.example" for n in range(51)}


def test_saves_of_one_customer_coalesce(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    for n in range(5):
        shop.edit(ann, email=f"ann{n}@shop.example")
    shop.push()
    shop.push()
    assert shop.posts() == 1
    assert shop.held(ann)["EmailAddress"] == "ann4@shop.example"


def test_twenty_hints_make_no_second_call(shop: Shop) -> None:
    ann = shop.customer("Ann Smith")
    shop.edit(ann, email="ann@new.example")
    for _ in range(20):
        shop.push()
    assert shop.posts() == 1


def test_an_edit_during_the_call_is_not_lost(shop: Shop, make_session: object) -> None:
    ann = shop.customer("Ann Smith")
    shop.edit(ann, email="first@shop.example")
    assert callable(make_session)
    other: Session = make_session()

    def edit_meanwhile(request: httpx2.Request, send: Send) -> httpx2.Response:
        shop.edit(ann, other, email="second@shop.example")
        return send(request)

    with shop.intercepting(edit_meanwhile):
        shop.push()
    assert shop.held(ann)["EmailAddress"] == "first@shop.example"
    assert shop.badge(ann).state is SyncState.WAITING
    shop.push()
    assert shop.held(ann)["EmailAddress"] == "second@shop.example"
    assert shop.badge(ann).state is SyncState.SYNCED
