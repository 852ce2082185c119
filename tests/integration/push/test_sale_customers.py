"""The customer of a sale who is not linked: matched with Xero's contacts by name and email, or added there first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.domain.enums import LinkState
from posxero.services.contacts import archive
from posxero.services.push import linking, retry
from posxero.services.push.links import joining
from posxero.services.push.links.candidates import choice_for
from posxero.services.sales import states
from tests.support.times import now

if TYPE_CHECKING:
    from uuid import UUID

    import httpx2

    from tests.support.invoices import SellingShop
    from tests.support.pushing import Shop
    from tests.support.transports import Send


@pytest.fixture
def ana(shop: Shop) -> Contact:
    """A customer who is not linked."""
    return shop.unlinked("Ana Reid", email="ana@shop.example")


def push(shop: Shop) -> None:
    """Push until nothing is enqueued any more."""
    shop.jobs.pushes.clear()
    shop.push()
    while shop.jobs.pushes:
        shop.jobs.pushes.clear()
        shop.push()


def obstacle(till: SellingShop, sale_id: UUID) -> str:
    till.shop.session.expire_all()
    return states.load_obstacle(till.shop.session, till.sale(sale_id))


def in_xero(till: SellingShop) -> dict[str, str]:
    """Return the number and ContactID of each invoice."""
    return {invoice["InvoiceNumber"]: invoice["Contact"]["ContactID"] for invoice in till.held()}


def test_the_one_contact_with_the_name_and_the_email_is_linked(shop: Shop, till: SellingShop, ana: Contact) -> None:
    hers = shop.xero.add(Name="ANA  REID", EmailAddress="Ana@shop.example", TaxNumber="12-345-678")
    shop.xero.add(Name="Ana Reid & Co", EmailAddress="ana@shop.example")
    till.charge(ana)
    push(shop)
    assert str(shop.link(ana).xero_id) == hers["ContactID"]
    assert in_xero(till) == {"POS-0001": hers["ContactID"]}
    shop.session.refresh(ana)
    assert (ana.name, ana.tax_number) == ("Ana Reid", "12-345-678")
    held = shop.held(ana)
    assert (held["Name"], held["TaxNumber"]) == ("Ana Reid", "12-345-678")
    labels = [entry.kind.label for entry in shop.history(ana)]
    assert labels.index("Linked to Xero") < labels.index("Sent to Xero")


def test_without_a_match_the_customer_is_added_first(shop: Shop, till: SellingShop, ana: Contact) -> None:
    archived = shop.xero.add(Name="Ana Reid", EmailAddress="ana@shop.example")
    shop.xero.act(archived["ContactID"], "archive")
    shop.xero.add(Name="Anna Reid", EmailAddress="ana@shop.example")
    till.charge(ana)
    push(shop)
    held = shop.held(ana)
    assert held["ContactNumber"] == str(ana.id)
    assert in_xero(till) == {"POS-0001": held["ContactID"]}


def test_several_are_a_persons_choice(shop: Shop, till: SellingShop, ana: Contact) -> None:
    both = [shop.xero.add(Name=name, EmailAddress="ana@shop.example") for name in ("Ana Reid", "Aná Reid")]
    sale_id = till.charge(ana)
    push(shop)
    assert (till.puts(), shop.link(ana).state) == (0, LinkState.PARKED)
    assert "Xero has 2 contacts with this name and email. Choose which" in obstacle(till, sale_id)
    choice = choice_for(shop.session, shop.business, ana, shop.connection.tenant_id, now=now())
    assert {str(one.xero_id) for one in choice.candidates} == {one["ContactID"] for one in both}
    chosen = choice.candidates[0].xero_id
    joining.link_to_contact(shop.session, shop.business, ana.id, chosen, by="Mana", now=now(), jobs=shop.jobs)
    push(shop)
    assert in_xero(till) == {"POS-0001": str(chosen)}


def test_whoever_is_none_of_several_is_added(shop: Shop, till: SellingShop, ana: Contact) -> None:
    for name in ("Ána Reid", "Aná Reid"):
        shop.xero.add(Name=name, EmailAddress="ana@shop.example")
    till.charge(ana)
    push(shop)
    linking.link_to_xero(shop.session, shop.business.id, ana.id, by="Mana", now=now(), jobs=shop.jobs)
    push(shop)
    assert shop.held(ana)["ContactNumber"] == str(ana.id)
    assert len(in_xero(till)) == 1


def test_a_contact_of_another_customer_is_not_taken(shop: Shop, till: SellingShop, ana: Contact) -> None:
    other = shop.customer("Ana Reid")
    shop.edit(other, email="ana@shop.example")
    push(shop)
    sale_id = till.charge(ana)
    push(shop)
    assert till.puts() == 0
    assert "is linked to Ana Reid here. Charge that customer instead." in obstacle(till, sale_id)


@pytest.mark.parametrize(("kind", "method"), [("drop_before", "GET"), ("drop_after", "POST"), ("drop_after", "PUT")])
def test_a_lost_answer_leaves_one_contact_and_one_invoice(
    shop: Shop, till: SellingShop, ana: Contact, kind: str, method: str
) -> None:
    hers = shop.xero.add(Name="Ana Reid", EmailAddress="ana@shop.example")
    till.charge(ana)
    shop.xero.fault(kind, method=method)
    for _ in range(3):
        shop.wait_over()
        push(shop)
    assert [held["ContactID"] for held in shop.xero.contacts()] == [hers["ContactID"]]
    assert in_xero(till) == {"POS-0001": hers["ContactID"]}


@pytest.mark.parametrize("trouble", ["parked", "archived"])
def test_a_customer_in_trouble_blocks_the_sale_with_the_cure(shop: Shop, till: SellingShop, trouble: str) -> None:
    ben = shop.customer("Ben")
    if trouble == "parked":
        shop.xero.add(Name="Benny")
        shop.edit(ben, name="Benny")
    else:
        shop.xero.act(str(shop.link(ben).xero_id), "archive")
    sale_id = till.charge(ben)
    push(shop)
    assert till.puts() == 0
    words = {
        "parked": "in Xero is called Benny. Change the name here",
        "archived": "The customer is archived in Xero. Put that right on the customer's page",
    }
    assert words[trouble] in obstacle(till, sale_id)
    if trouble == "parked":
        shop.edit(ben, name="Benedict")
    else:
        shop.xero.act(str(shop.link(ben).xero_id), "restore")
        retry.try_again(shop.session, shop.business.id, ben.id, by="Mana", now=now(), jobs=shop.jobs)
    push(shop)
    assert obstacle(till, sale_id) == ""


def test_who_is_archived_here_meanwhile_still_gets_the_invoice(shop: Shop, till: SellingShop) -> None:
    ben = shop.customer("Ben")
    till.charge(ben)
    archive.archive(shop.session, shop.business.id, ben.id, by="Mana", now=now())
    push(shop)
    assert len(in_xero(till)) == 1


def test_who_is_unlinked_meanwhile_keeps_the_sale_waiting_until_linked_again(shop: Shop, till: SellingShop) -> None:
    ben = shop.customer("Ben")
    sale_id = till.charge(ben)
    linking.unlink(shop.session, shop.business.id, ben.id, by="Mana", now=now())
    push(shop)
    assert till.puts() == 0
    assert "Link the customer again" in obstacle(till, sale_id)
    (was,) = choice_for(shop.session, shop.business, ben, shop.connection.tenant_id, now=now()).candidates
    joining.link_to_contact(shop.session, shop.business, ben.id, was.xero_id, by="Mana", now=now(), jobs=shop.jobs)
    push(shop)
    assert in_xero(till) == {"POS-0001": str(was.xero_id)}


@pytest.mark.parametrize("became", ["merged", "erased"])
def test_who_is_merged_or_erased_while_xero_is_searched_is_not_linked(
    shop: Shop, till: SellingShop, ana: Contact, became: str
) -> None:
    shop.xero.add(Name="Ana Reid", EmailAddress="ana@shop.example", TaxNumber="12-345-678")
    survivor = shop.customer("Anna Read")
    changes: dict[str, Any] = {"merged_into": survivor.id} if became == "merged" else {"erased_at": now()}
    till.charge(ana)

    def change_meanwhile(request: httpx2.Request, send: Send) -> httpx2.Response:
        if "searchTerm" in str(request.url):
            with writing(shop.session):
                shop.session.execute(update(Contact).where(Contact.id == ana.id).values(changes))
        return send(request)

    with shop.intercepting(change_meanwhile):
        shop.push()
    assert (shop.link(ana).xero_id, shop.link(ana).state) == (None, LinkState.ACTIVE)
    shop.session.refresh(ana)
    assert ana.tax_number == ""
    assert "Could not be sent" not in [entry.kind.label for entry in shop.history(ana)]
    assert till.puts() == 0
