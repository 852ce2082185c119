"""What is pushed to Xero, in the order in which it is sent. A new kind is one module and one line here."""

from typing import Any, Final

from posxero.services.push.kinds.contacts import ContactKind
from posxero.services.push.kinds.invoices import InvoiceKind
from posxero.services.push.kinds.kind import PushKind
from posxero.services.push.kinds.notes import HistoryNoteKind

KINDS: Final[tuple[PushKind[Any, Any], ...]] = (ContactKind(), InvoiceKind(), HistoryNoteKind())
