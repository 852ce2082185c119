"""What tests do to the invoices of a Practice Xero, as a user does in Xero."""

from typing import Any

import httpx2

Json = dict[str, Any]


class PracticeInvoices:
    """Methods of PracticeClient; posxero.practice.invoices.invoice_control says what each endpoint takes."""

    tenant: str
    http: httpx2.Client

    def invoices(self, tenant: str = "") -> list[Json]:
        """List an organisation's invoices (the first one's) by their numbers, each as GET of one answers it."""
        path = f"/practice/organisations/{tenant or self.tenant}/invoices"
        held: list[Json] = self.http.get(path).raise_for_status().json()
        return held

    def invoice(self, invoice_id: object) -> Json:
        """Return an invoice."""
        held: Json = self.http.get(f"/practice/invoices/{invoice_id}").raise_for_status().json()
        return held

    def add_invoice(self, contact_id: object, amount: object = "115.00", tenant: str = "", **fields: Any) -> Json:
        """Add an approved invoice of an amount with tax; `fields` are those of PUT /Invoices."""
        sent = {"Contact": {"ContactID": str(contact_id)}, "amount": str(amount)} | fields
        if "LineItems" in fields:
            del sent["amount"]
        return self._send(f"/practice/organisations/{tenant or self.tenant}/invoices", sent)

    def change_invoice(self, invoice_id: object, **fields: Any) -> Json:
        """Change an invoice; `fields` are those of POST /Invoices."""
        return self._send(f"/practice/invoices/{invoice_id}", fields)

    def void(self, invoice_id: object) -> Json:
        """Void an invoice."""
        return self.change_invoice(invoice_id, Status="VOIDED")

    def pay(self, invoice_id: object, amount: object = None, **options: Any) -> Json:
        """Record a payment (`date`, `reference`): by default all that is due; more makes an overpayment."""
        return self._send(f"/practice/invoices/{invoice_id}/pay", _with_amount(amount, options))

    def unpay(self, invoice_id: object, payment_id: object) -> Json:
        """Remove a payment."""
        return self._send(f"/practice/invoices/{invoice_id}/unpay", {"payment": str(payment_id)})

    def credit(self, invoice_id: object, amount: object = None, **options: Any) -> Json:
        """Credit an invoice (`date`) by a credit note: by default all that is due; what exceeds it remains."""
        return self._send(f"/practice/invoices/{invoice_id}/credit", _with_amount(amount, options))

    def add_credit(self, contact_id: object, amount: object, kind: str = "CreditNote") -> Json:
        """Add a credit note, or an Overpayment, that is applied to no invoice."""
        return self._send(f"/practice/contacts/{contact_id}/credits", {"amount": str(amount), "kind": kind})

    def allocate(self, credit_id: object, invoice_id: object, amount: object = None) -> Json:
        """Apply credit to an invoice: by default as much as is due and remains."""
        sent = _with_amount(amount, {"invoice": str(invoice_id)})
        return self._send(f"/practice/credits/{credit_id}/allocate", sent)

    def change_settings(self, tenant: str = "", **settings: Any) -> Json:
        """Change the organisation's settings; posxero.practice.organisation_settings lists them."""
        return self._send(f"/practice/organisations/{tenant or self.tenant}/settings", settings)

    def set_lock_date(self, day: object, *, is_end_of_year: bool = False) -> None:
        """Set the period lock date, or the end of year lock date; None removes it."""
        settings: Json = {
            "end_of_year_lock_date" if is_end_of_year else "period_lock_date": None if day is None else str(day)
        }
        self.change_settings(**settings)

    def set_approval_rule(self, status: str) -> None:
        """Let invoices that the API sends as AUTHORISED become DRAFT or SUBMITTED; "" ends the rule."""
        self.change_settings(approval_status=status)

    def archive_account(self, code: str, action: str = "archive") -> None:
        """Archive an account, or restore it."""
        self._send(f"/practice/organisations/{self.tenant}/accounts/{code}/{action}", {})

    def retire_tax_rate(self, tax_type: str, action: str = "retire") -> None:
        """Retire a tax rate, or restore it."""
        self._send(f"/practice/organisations/{self.tenant}/tax-rates/{tax_type}/{action}", {})

    def _send(self, path: str, body: Json) -> Json:
        answered: Json = self.http.post(path, json=body).raise_for_status().json()
        return answered


def _with_amount(amount: object, options: Json) -> Json:
    return options if amount is None else {"amount": str(amount)} | options
