"""Parse a page of invoices; it is accepted only when it holds the invoices that its own counts promise."""

from dataclasses import dataclass

from posxero.xero.decoding import decode
from posxero.xero.errors import Incomplete
from posxero.xero.invoice_shapes import NO_ID, Invoice, Invoices


@dataclass(frozen=True, slots=True)
class InvoicesPage:
    """One page of a pass.

    Attributes:
        invoices: Those of the page.
        item_count: Invoices of the whole pass, as this page says; 0 where it does not.
        is_last: Whether nothing follows.
    """

    invoices: list[Invoice]
    item_count: int
    is_last: bool


def parse_page(body: bytes, page: int, page_size: int) -> InvoicesPage:
    """Parse a response of ``GET /Invoices?page=…&pageSize=…``. Xero may give fewer a page, and says so.

    Raises:
        Incomplete: It lacks its list, or invoices that it says it has.
        Unavailable: It cannot be decoded.
    """
    response = decode(body, Invoices)
    if response.invoices is None:
        raise Incomplete("Xero's answer has no list of invoices")
    invoices, pagination = response.invoices, response.pagination
    if pagination is None:
        return InvoicesPage(invoices, 0, is_last=len(invoices) < page_size)
    if pagination.page not in {0, page}:
        raise Incomplete(f"Xero gave page {pagination.page} in place of page {page}")
    size = pagination.page_size or page_size
    expected = min(size, max(pagination.item_count - (page - 1) * size, 0))
    received = len({invoice.invoice_id for invoice in invoices} - {NO_ID})
    if received < expected:
        raise Incomplete(f"page {page} holds {received} of {expected} invoices")
    return InvoicesPage(invoices, pagination.item_count, is_last=page * size >= pagination.item_count)
