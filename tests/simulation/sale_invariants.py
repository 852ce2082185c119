"""What must hold of sales after every step, and once everything that was due is done: both ledgers agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.enums import LinkState, SaleStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from posxero.db.sale import Sale
    from tests.simulation.world import World

Invoice = dict[str, Any]  # as Xero holds it
ENDED = {"AUTHORISED", "PAID"}


def find_violation(world: World) -> str:
    """Return what is wrong with the sales now; "" when all is well."""
    if not world.book.sales:
        return ""
    held, known = world.book.invoices(), {str(sale_id) for sale_id in world.book.sales}
    numbers = Counter(one["InvoiceNumber"] for one in held)
    addresses = Counter(one.get("Url", "").rpartition("/")[2] for one in held)
    if twice := [key for key, n in (*numbers.items(), *addresses.items()) if n > 1]:
        return f"Xero has a sale twice: {twice}"
    if set(addresses) - known:
        return f"Xero has invoices that are nobody's: {set(addresses) - known}"
    ids = {one["InvoiceID"] for one in held}
    sales = world.book.rows()
    for sale in sales:
        if sale.sent_revision and sale.status is SaleStatus.OPEN and str(sale.xero_id) not in ids:
            return f"{sale.number} is marked as sent, and Xero does not have it"
    return _balance_violation(world, sales)


def find_final_violation(world: World) -> str:
    """Return how both ledgers differ in the end; "" when they agree to the cent."""
    if not world.book.sales:
        return ""
    invoices = {one["Url"].rpartition("/")[2]: one for one in world.book.invoices()}
    blocked = _blocked(world)
    for sale in world.book.rows():
        invoice = invoices.get(str(sale.id))
        excused = sale.contact_id in blocked or (sale.state is not LinkState.ACTIVE and _may_be_stuck(world, sale))
        found = _void_violation(world, sale, invoice) if sale.status is SaleStatus.VOIDED else _open(sale, invoice)
        if found and not (excused and (invoice is None or sale.status is SaleStatus.VOIDED)):
            return f"{sale.number}: {found} (state {sale.state.value}, {sale.reason or 'no reason'})"
    return ""


def _open(sale: Sale, invoice: Invoice | None) -> str:
    if invoice is None or invoice["Status"] not in ENDED:
        return f"is an open sale, and in Xero {invoice and invoice['Status']}"
    ours = (sale.total, sale.paid, sale.credited, sale.amount_due)
    theirs = tuple(_cents(invoice[key]) for key in ("Total", "AmountPaid", "AmountCredited", "AmountDue"))
    return "" if ours == theirs else f"total, paid, credited, due are {ours}, in Xero {theirs}"


def _void_violation(world: World, sale: Sale, invoice: Invoice | None) -> str:
    if invoice is None or invoice["Status"] in {"VOIDED", "DELETED"}:
        return ""
    if sale.id in world.book.settled and sale.state is LinkState.PARKED and sale.reason:
        return ""  # money was paid on it before Xero heard of the void
    return f"is voided, and in Xero {invoice['Status']}"


def _may_be_stuck(world: World, sale: Sale) -> bool:
    """Return whether what people and Xero did explains that a sale is not sent in the end."""
    was_archived = sale.contact_id in world.shop.archived
    return bool(sale.reason) and (was_archived or sale.reason.endswith(" times.") or sale.id in world.book.settled)


def _blocked(world: World) -> set[UUID]:
    """Return the customers who cannot be sent, which is checked elsewhere, so that their sales wait."""
    session = world.session
    found = set(session.scalars(select(Link.contact_id).where(Link.state != LinkState.ACTIVE)))
    session.commit()
    return found


def _balance_violation(world: World, sales: Sequence[Sale]) -> str:
    """Each customer owes what is due on the open sales."""
    due: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for sale in sales:
        due[sale.contact_id] += sale.amount_due
    rows = world.session.execute(select(Contact.id, Contact.owes)).all()
    world.session.commit()
    wrong = [(contact_id, owes, due[contact_id]) for contact_id, owes in rows if owes != due[contact_id]]
    return f"customers owe other amounts than their sales: {wrong}" if wrong else ""


def _cents(amount: object) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))
