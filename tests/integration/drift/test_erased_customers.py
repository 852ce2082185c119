"""What Xero says of the sales of a customer whose details were erased: amounts, and no texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.sale import SalePayment
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import ActivityKind
from posxero.services.accounts.security_log import Actor
from posxero.services.personal_data.erase import erase
from tests.support.invoices import SellingShop
from tests.support.times import now

if TYPE_CHECKING:
    from tests.support.drifting import DriftShop


def test_a_payment_is_seen_without_its_reference_and_the_name_stays_away(shop: DriftShop) -> None:
    till = SellingShop(shop)
    ann = shop.customer("Ann Smith")
    sale_id = till.charge(ann)
    shop.push()
    invoice = str(till.sale(sale_id).xero_id)
    shop.xero.pay(invoice, "20.00", date="2026-11-27", reference="Ann's bank")
    shop.run(DriftKind.INVOICES)
    erase(shop.session, shop.business, ann.id, "Ann Smith", by=Actor("Olive"), now=now())
    shop.xero.pay(invoice, "4.00", date="2026-11-28", reference="Ann again")
    for kind in (DriftKind.INVOICES, DriftKind.POLL, DriftKind.WALK):
        shop.run(kind)
    assert str(till.sale(sale_id).amount_due) == "10.00"
    assert list(shop.session.scalars(select(SalePayment.reference))) == ["", ""]
    paid = select(Activity).where(Activity.kind == ActivityKind.SALE_PAID).order_by(Activity.id.desc()).limit(1)
    entry = shop.session.scalars(paid).one()
    assert (entry.note, entry.raw) == ("POS-0001. NZD 4.00 was paid. NZD 10.00 is still due.", "")
    assert shop.session.scalars(select(Contact.name).where(Contact.id == ann.id)).one() == "Erased customer"
