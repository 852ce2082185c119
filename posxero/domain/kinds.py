"""The two kinds of contacts, customers and suppliers, each with pages of its own."""

from enum import StrEnum


class ContactKind(StrEnum):
    """Whether a page shows a contact as a customer or a supplier; one contact may be both."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"

    @property
    def one(self) -> str:
        """Return the noun for one of them: "customer"."""
        return self.value

    @property
    def many(self) -> str:
        """Return the noun for several, which is also the first part of the URL: "customers"."""
        return f"{self.value}s"

    @property
    def other(self) -> "ContactKind":
        """Return the other kind."""
        return ContactKind.CUSTOMER if self is ContactKind.SUPPLIER else ContactKind.SUPPLIER

    @property
    def button(self) -> str:
        """Return the noun on a button: "Customer" in "Save Customer"."""
        return self.value.capitalize()
