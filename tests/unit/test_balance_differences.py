"""The lines between what a customer owes here and Xero's balance add up, whatever is known."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from posxero.domain.balance_differences import BalanceLine, DifferenceReason, explain
from posxero.domain.money import ZERO

CENTS = st.integers(-1_000_000, 1_000_000).map(lambda cents: Decimal(cents) / 100)
LINES = st.lists(st.builds(BalanceLine, st.sampled_from(DifferenceReason), CENTS), max_size=6)


@given(CENTS, LINES, CENTS, st.booleans())
def test_the_lines_lead_from_ours_to_xeros_balance_to_the_cent(
    owes: Decimal,
    known: list[BalanceLine],
    outstanding: Decimal,
    is_being_read: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    lines = explain(owes, known, outstanding, is_being_read=is_being_read)
    assert owes + sum((line.amount for line in lines), ZERO) == outstanding
    assert all(line.amount for line in lines)


def test_what_nothing_explains_is_named_by_its_direction() -> None:
    ours, unexplained = Decimal("34.00"), [BalanceLine(DifferenceReason.NOT_SENT, Decimal(0))]
    assert explain(ours, unexplained, Decimal("30.00")) == [BalanceLine(DifferenceReason.OPEN_CREDIT, Decimal("-4.00"))]
    assert explain(ours, unexplained, Decimal("35.00")) == [BalanceLine(DifferenceReason.NOT_READ, Decimal("1.00"))]
    assert explain(ours, [], Decimal("35.00"), is_being_read=True) == [
        BalanceLine(DifferenceReason.CHANGED_SINCE, Decimal("1.00"))
    ]
    assert explain(ours, [], ours) == []


def test_before_xeros_balance_was_read_only_what_is_known_is_said() -> None:
    known = [BalanceLine(DifferenceReason.NOT_SENT, Decimal("-34.00"))]
    assert explain(Decimal("34.00"), known, None) == known
