"""The client of one organisation: each method makes exactly one call."""

from posxero.xero.contacts_api import MAX_ELEMENTS, MAX_IDS, ContactsApi
from posxero.xero.decoding import decode
from posxero.xero.errors import Unavailable
from posxero.xero.invoices_api import InvoicesApi
from posxero.xero.shapes import Organisation, Organisations

__all__ = ["MAX_ELEMENTS", "MAX_IDS", "XeroClient"]


class XeroClient(ContactsApi, InvoicesApi):
    """Everything that is called in the Accounting API; `Api` says what each method raises."""

    def organisation(self) -> Organisation:
        """Read the organisation's own details."""
        answer = self._call("GET", "/Organisation")
        organisations = decode(answer.body, Organisations).organisations
        if not organisations or not organisations[0].name:
            raise Unavailable("Xero named no organisation")
        return organisations[0]
