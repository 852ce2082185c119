"""Invoices of the Accounting API, and the accounts and tax rates that they use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from posxero.xero.api import Api
from posxero.xero.contacts_api import MAX_ELEMENTS, MAX_IDS, REPORT_EACH_ELEMENT, if_modified_since
from posxero.xero.decoding import decode
from posxero.xero.errors import OutcomeUnknown, Unavailable
from posxero.xero.exchange import Response
from posxero.xero.invoice_pages import InvoicesPage, parse_page
from posxero.xero.invoice_shapes import Account, Accounts, Invoice, Invoices, TaxRate, TaxRates
from posxero.xero.invoice_writing import with_numbers

PATH: Final = "/Invoices"


class InvoicesApi(Api):
    """Every method makes exactly one call; `Api` says what each raises."""

    def put_invoice(self, element: Mapping[str, Any], *, idempotency_key: str) -> Invoice:
        """Create an invoice; for about six minutes Xero repeats its response to the same key."""
        body = {"Invoices": [with_numbers(element)]}
        answers = _written(self._write("PUT", PATH, body, idempotency_key=idempotency_key))
        if len(answers) != 1:
            raise OutcomeUnknown(f"Xero answered for {len(answers)} invoices instead of one")
        return answers[0]

    def post_invoices(self, elements: Sequence[Mapping[str, Any]]) -> list[Invoice]:
        """Update invoices; each element carries its InvoiceID.

        Returns:
            Xero's elements; match them to what was sent by `Invoice.invoice_id`.

        Raises:
            ValueError: An element has no InvoiceID (Xero would match by number), or too many.
        """
        if not 0 < len(elements) <= MAX_ELEMENTS or not all(element.get("InvoiceID") for element in elements):
            raise ValueError(f"1 to {MAX_ELEMENTS} elements, each with its InvoiceID")
        return _written(self._write("POST", PATH, {"Invoices": list(elements)}, params=REPORT_EACH_ELEMENT))

    def invoices_by_number(self, number: str) -> list[Invoice]:
        """Find invoices by InvoiceNumber, voided ones too.

        Raises:
            ValueError: It holds a comma, which would part it into two.
        """
        if "," in number:
            raise ValueError("a number with a comma cannot be searched for")
        return self._invoices({"InvoiceNumbers": number, "page": 1})

    def invoices_by_ids(self, ids: Sequence[UUID]) -> list[Invoice]:
        """Read up to 40 invoices, in any order; one that Xero has may be left out."""
        if not 0 < len(ids) <= MAX_IDS:
            raise ValueError(f"{len(ids)} ids; one call takes 1 to {MAX_IDS}")
        return self._invoices({"IDs": ",".join(map(str, ids)), "page": 1, "pageSize": 100})

    def invoice_by_id(self, invoice_id: UUID) -> Invoice | None:
        """Read one invoice by its own address; None when the answer holds none.

        Raises:
            Missing: Xero does not have it.
        """
        answer = self._call("GET", f"{PATH}/{invoice_id}")
        return next(iter(decode(answer.body, Invoices).invoices or []), None)

    def invoices_page(self, page: int, page_size: int, *, modified_since: datetime | None = None) -> InvoicesPage:
        """Read one page of the shop's invoices to customers, from 1, in the order of ids.

        Those that changed, whatever became of them; without a time, those that are approved and not fully paid.

        Raises:
            Incomplete: The page holds less than it says.
        """
        params = {"page": page, "pageSize": page_size, "order": "InvoiceID", "where": 'Type=="ACCREC"'}
        if modified_since is None:
            params["Statuses"] = "AUTHORISED"
        answer = self._call("GET", PATH, params=params, headers=if_modified_since(modified_since))
        return parse_page(answer.body, page, page_size)

    def accounts(self) -> list[Account]:
        """Read the chart of accounts, archived ones too."""
        return decode(self._call("GET", "/Accounts").body, Accounts).accounts or []

    def tax_rates(self) -> list[TaxRate]:
        """Read the tax rates, deleted ones too."""
        return decode(self._call("GET", "/TaxRates").body, TaxRates).tax_rates or []

    def _invoices(self, params: Mapping[str, Any]) -> list[Invoice]:
        return decode(self._call("GET", PATH, params=params).body, Invoices).invoices or []


def _written(answer: Response) -> list[Invoice]:
    """Decode the answer to a write; what cannot be read may have been done."""
    try:
        return decode(answer.body, Invoices).invoices or []
    except Unavailable as error:
        raise OutcomeUnknown(str(error)) from error
