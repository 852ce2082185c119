"""The sales of a world's shop: what its tills charged and voided, and what was paid and credited in Xero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from posxero.db.contact import Link
from posxero.db.drift_check import DriftCheck
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.sale_rules import SaleRules, TypedLine
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.sales import charge, voiding
from posxero.services.sales.errors import CannotVoid, MissingSettings
from tests.support.sales import add_sales_settings, charge_context, sale_form

if TYPE_CHECKING:
    from uuid import UUID

    from tests.simulation.shop import Shop

MOST_SALES = 6


class SalesBook:
    """The truth about the sales of a shop: which were charged, and in which Xero has, or had, money on them."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.sales: list[UUID] = []
        self.settled: set[UUID] = set()  # paid or credited in Xero, at least in part
        self._has_settings = False
        self._invoices: list[dict[str, Any]] = []
        self._seen_writes = -1

    def charge(self, contact_id: UUID, cents: int, *, number: int) -> None:
        """Press Charge to account, with one line of a price."""
        shop, now = self._shop, self._shop.clock.now()
        if not self._has_settings:
            add_sales_settings(shop.session, shop.business, shop.connection)
            self._has_settings = True
        line = TypedLine("Socks", f"{cents // 100}.{cents % 100:02}", "1")
        form = sale_form(
            line, sold_on=now.date().isoformat(), idempotency_key=f"sale {number}", empty_fields=EmptyFields.CLEAR
        )
        at = charge_context(rules=SaleRules(today=now.date()))
        try:
            sale = charge.charge(shop.session, shop.business, contact_id, form, at, now=now, jobs=shop.ports.jobs).sale
        except MissingSettings:  # the consent is lost
            return
        if sale.id not in self.sales:
            self.sales.append(sale.id)

    def void(self, sale_id: UUID) -> None:
        """Press Void."""
        shop, now = self._shop, self._shop.clock.now()
        try:
            voiding.void(shop.session, shop.business.id, sale_id, by="Mana", now=now, jobs=shop.ports.jobs)
        except CannotVoid:  # we know of its payment
            return

    def settle_in_xero(self, sale_id: UUID, *, is_credit: bool, is_whole: bool) -> None:
        """Let somebody record a payment or a credit in Xero, of all or of one dollar."""
        held = self.held(sale_id)
        if held is None or held["Status"] != "AUTHORISED":
            return
        amount = None if is_whole else min(1, held["AmountDue"])
        record = self._shop.xero.credit if is_credit else self._shop.xero.pay
        record(held["InvoiceID"], amount)
        self.settled.add(sale_id)

    def held(self, sale_id: UUID) -> dict[str, Any] | None:
        """Return the invoice that Xero has of a sale, by its address."""
        return next((one for one in self.invoices() if str(sale_id) in one.get("Url", "")), None)

    def invoices(self) -> list[dict[str, Any]]:
        """List the invoices that Xero has: read again only when something was written there."""
        if self._seen_writes != self._shop.xero.writes:
            self._seen_writes, self._invoices = self._shop.xero.writes, self._shop.xero.invoices()
        return self._invoices

    def has_link(self, contact_id: UUID) -> bool:
        """Return whether a customer has a link, or is to get one."""
        found = self._shop.session.scalar(select(Link.id).where(Link.contact_id == contact_id)) is not None
        self._shop.session.commit()
        return found

    def poll(self) -> None:
        """Let the poll of invoices be due."""
        now = self._shop.clock.now()
        with writing(self._shop.session):
            due = update(DriftCheck).where(DriftCheck.kind == DriftKind.INVOICES)
            self._shop.session.execute(due.values(due_at=now, scheduled_at=now))

    def rows(self) -> list[Sale]:
        """Read every sale."""
        session = self._shop.session
        found = list(session.scalars(select(Sale).order_by(Sale.id).execution_options(populate_existing=True)))
        session.commit()
        return found
