"""Why Xero says that a customer owes another amount than the shop does: lines that add up to the cent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from posxero.domain.enums import LabelledEnum
from posxero.domain.money import ZERO


class DifferenceReason(LabelledEnum):
    """Why an amount counts on one side only."""

    NOT_SENT = "not_sent", "Sales that Xero doesn't have yet"
    VOIDED_HERE = "voided_here", "Voided here, not in Xero yet"
    VOIDED_THERE = "voided_there", "Voided in Xero, still open here"
    NOT_APPROVED = "not_approved", "In Xero, but not approved there yet"
    OTHER_TOTAL = "other_total", "Sales whose amount in Xero differs"
    OTHER_INVOICES = "other_invoices", "Invoices in Xero that are not sales of Retail POS"
    OPEN_CREDIT = "open_credit", "Credit in Xero that no invoice was paid with yet"
    NOT_READ = "not_read", "Other amounts in Xero that Retail POS has not read yet"
    CHANGED_SINCE = "changed_since", "Changed since Xero's total was read; it is being read again"


class BalanceLine(NamedTuple):
    """An amount by which Xero's balance is higher than ours, or lower where it is negative."""

    reason: DifferenceReason
    amount: Decimal


def explain(
    owes: Decimal, known: Sequence[BalanceLine], outstanding: Decimal | None, *, is_being_read: bool = False
) -> list[BalanceLine]:
    """Return the lines that lead from what a customer owes here to what Xero says; those of 0 are left out.

    Whatever the known lines do not explain is credit that Xero counts although it is applied to no invoice, or an
    amount that was not read yet.

    Args:
        owes: What is open here.
        known: What is known of sales and invoices.
        outstanding: Xero's balance; None where it was not read yet.
        is_being_read: Something changed since then.
    """
    lines = [line for line in known if line.amount]
    if outstanding is None:
        return lines
    rest = outstanding - owes - sum((line.amount for line in lines), ZERO)
    if not rest:
        return lines
    reason = DifferenceReason.OPEN_CREDIT if rest < 0 else DifferenceReason.NOT_READ
    return [*lines, BalanceLine(DifferenceReason.CHANGED_SINCE if is_being_read else reason, rest)]
