"""A shop that sells on account, whose invoices are read in Practice Xero."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.unconfirmed import UnconfirmedRequest
from posxero.services.sales import voiding
from tests.support import sales
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from posxero.db.contact import Contact
    from posxero.domain.sale_rules import TypedLine
    from tests.support.pushing import Shop

INVOICES = "/api.xro/2.0/Invoices"


class SellingShop:
    """A shop with settings of sales; `shop` pushes."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        sales.add_sales_settings(shop.session, shop.business, shop.connection)

    def charge(self, contact: Contact, *lines: TypedLine, **columns: Any) -> UUID:
        """Charge a sale to a customer's account; return its id."""
        return sales.charge(self.shop.session, self.shop.business, contact, *lines, **columns).id

    def void(self, sale_id: UUID) -> None:
        """Press Void."""
        shop = self.shop
        voiding.void(shop.session, shop.business.id, sale_id, by="Mana", now=now(), jobs=shop.jobs)

    def sale(self, sale_id: UUID) -> Sale:
        """Read a sale as it is now."""
        query = select(Sale).where(Sale.id == sale_id).execution_options(populate_existing=True)
        found = self.shop.session.scalars(query).one()
        self.shop.session.commit()
        return found

    def held(self, *, lines: bool = True) -> list[dict[str, Any]]:
        """List the invoices that Xero holds."""
        params = {"page": "1", "pageSize": "1000"} if lines else {}
        answer = self.shop.xero.http.get(INVOICES, params=params, headers=self._headers()).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["Invoices"]
        return found

    def add_in_xero(self, **element: Any) -> Mapping[str, Any]:
        """Create an invoice as somebody else does in Xero."""
        line = {"Description": "Theirs", "UnitAmount": 1, "AccountCode": "200"}
        body = {"Type": "ACCREC", "Date": "2026-11-26", "DueDate": "2026-12-20", "LineItems": [line]}
        answer = self.shop.xero.http.put(INVOICES, json={**body, **element}, headers=self._headers())
        assert answer.is_success, answer.text
        created: Mapping[str, Any] = answer.json()["Invoices"][0]
        return created

    def history(self, sale_id: UUID) -> list[tuple[str, str]]:
        """List what the history says about a sale, the oldest first: the label and the note."""
        query = select(Activity).where(Activity.sale_id == sale_id).order_by(Activity.id)
        return [(entry.kind.label, entry.note) for entry in self.shop.session.scalars(query)]

    def puts(self) -> int:
        """Count the requests that create invoices."""
        return len(self.shop.xero.calls(INVOICES, "PUT"))

    def pass_time(self, **passed: float) -> None:
        """Let time pass for the sales whose outcome is unknown (`minutes=3`)."""
        by = timedelta(**passed)
        self.shop.wait_over()
        with writing(self.shop.session):
            for sale in self.shop.session.scalars(select(Sale).execution_options(populate_existing=True)):
                unconfirmed = [UnconfirmedRequest.from_json(one) for one in sale.unconfirmed]
                earlier = [
                    replace(request, checks=tuple(check - by for check in request.checks)) for request in unconfirmed
                ]
                sale.unconfirmed = [request.to_json() for request in earlier]
                sale.verify_again_at = sale.verify_again_at and sale.verify_again_at - by
                sale.owed_at = sale.owed_at and sale.owed_at - by
                sale.creation_started_at = sale.creation_started_at and sale.creation_started_at - by

    def _headers(self) -> dict[str, str]:
        token = self.shop._token()
        tenant = str(self.shop.connection.tenant_id)
        return {"Authorization": f"Bearer {token}", "xero-tenant-id": tenant, "Accept": "application/json"}
