"""Designs that lose or double money, kept so that the simulation proves that it finds them in both ledgers."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from posxero.services.drift.invoices import copies
from posxero.services.push.delivery import create
from posxero.services.push.kinds.invoices import InvoiceKind
from posxero.xero import invoice_reading
from tests.simulation.engine import PushEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posxero.domain.invoice_states import InvoiceState
    from posxero.services.push.items import PushItem


class ChangedEngine(PushEngine):
    """The product's push with parts of it replaced."""

    changes: tuple[tuple[Any, str, Any], ...] = ()  # where, the name there, what takes its place

    @contextmanager
    def installed(self) -> Iterator[None]:
        with ExitStack() as stack:
            for place, name, replacement in self.changes:
                stack.enter_context(patch.object(place, name, replacement))
            yield


def _no(*_: object) -> bool:
    return False


def _nothing(*_: object) -> tuple[()]:
    return ()


def _find_nothing(*_: object) -> None:
    """Find no earlier attempt."""


def _with_fresh_key(context: Any, item: PushItem) -> Any:
    return _prepare(context, replace(item, creation=None))


_prepare = create._prepare


class RetryWithFreshKey(ChangedEngine):
    """A lost answer is followed by another request, with a key of its own; Xero is not asked for the number first."""

    changes = (
        (create, "_may_exist", _no),
        (create, "_find", _find_nothing),
        (create, "_prepare", _with_fresh_key),
    )


class PresentIsRight(ChangedEngine):
    """An invoice that is found after a lost answer counts as right, whatever became of the sale meanwhile."""

    changes = ((InvoiceKind, "differing", _nothing),)


def _paid_twice(invoice: Any) -> InvoiceState:
    state = _read_state(invoice)
    return replace(state, paid=2 * state.paid)


_read_state = invoice_reading.read_state


class PaymentCountedTwice(ChangedEngine):
    """A payment is added by the read that shows it, and by the total that the invoice says was paid."""

    changes = ((copies, "read_state", _paid_twice),)
