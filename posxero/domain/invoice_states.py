"""What becomes of a sale by what Xero shows of its invoice. No database and no Xero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from posxero.domain.enums import ActivityKind
from posxero.domain.payments import PaymentKind

AUTHORISED: Final = "AUTHORISED"  # approved, and something may be due; PAID once nothing is
OVER: Final = ("VOIDED", "DELETED")  # of an invoice that counts no more
STATUS_NOTES: Final = {
    "VOIDED": "Voided in Xero. It still counts here: void this sale too, or leave it as owed.",
    "DELETED": "Deleted in Xero. It still counts here: void this sale too, or leave it as owed.",
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payment, or credit that was applied."""

    kind: PaymentKind
    xero_id: UUID
    paid_on: date
    amount: Decimal
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceState:
    """An invoice as Xero shows it, or as it showed it last.

    `due` is what counts in the balance of its contact: nothing unless it is approved. `settlements` is None where the
    answer has no lists of them. `updated_at` is Xero's stamp, ISO 8601 or "".
    """

    status: str
    total: Decimal
    due: Decimal
    paid: Decimal
    credited: Decimal
    due_on: date | None
    updated_at: str
    settlements: Sequence[Settlement] | None = None

    def supersedes(self, updated_at: str, *, kept_at: datetime | None, read_at: datetime) -> bool:
        """Return whether this state, which was read, is to replace the one that is kept.

        Xero's own stamps decide where they differ; else what was asked for before our own write was answered may show
        what Xero had before that.

        Args:
            updated_at: The stamp of the kept one.
            kept_at: When the kept one was answered; None when it never was.
            read_at: When this one was asked for.
        """
        if self.updated_at and updated_at and self.updated_at != updated_at:
            return self.updated_at > updated_at
        return kept_at is None or kept_at <= read_at


def amount_due(total: Decimal, paid: Decimal, credited: Decimal, *, is_voided: bool) -> Decimal:
    """Return what is due of a sale as we know it."""
    return Decimal(0) if is_voided else total - paid - credited


def describe_changes(before: InvoiceState, after: InvoiceState, currency: str) -> list[tuple[ActivityKind, str]]:
    """Describe what happened to an invoice in Xero, in sentences."""
    found = _money(before, after, currency)
    changed = []
    if after.status != before.status and after.status in STATUS_NOTES:
        changed.append(STATUS_NOTES[after.status])
    if after.total != before.total:
        changed.append(f"Its total in Xero is {_amount(currency, after.total)} now.")
    if before.due_on and after.due_on and after.due_on != before.due_on:
        changed.append(f"It is due on {after.due_on.day} {after.due_on:%B %Y} now.")
    return found + ([(ActivityKind.SALE_CHANGED, " ".join(changed))] if changed else [])


def _money(before: InvoiceState, after: InvoiceState, currency: str) -> list[tuple[ActivityKind, str]]:
    paid, credited = after.paid - before.paid, after.credited - before.credited
    left = f"{_amount(currency, after.due)} is still due." if after.due > 0 else "Nothing is due any more."
    found = []
    if paid > 0:
        found.append((ActivityKind.SALE_PAID, f"{_amount(currency, paid)} was paid. {left}"))
    if credited > 0:
        found.append((ActivityKind.SALE_CREDITED, f"{_amount(currency, credited)} was credited. {left}"))
    for lost, what in ((-paid, "A payment"), (-credited, "A credit")):
        if lost > 0:
            found.append((ActivityKind.SALE_CHANGED, f"{what} of {_amount(currency, lost)} was removed. {left}"))
    return found


def _amount(currency: str, amount: Decimal) -> str:
    return f"{currency} {amount:,.2f}"
