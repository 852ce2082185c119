"""The two kinds of contact that have pages of their own."""

from enum import StrEnum


class ContactKind(StrEnum):
    """What a page calls a contact; one contact may be both."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"

    @property
    def one(self) -> str:
        """Name one of them inside a sentence."""
        return self.value

    @property
    def many(self) -> str:
        """Name several of them inside a sentence; also the URL's first part."""
        return f"{self.value}s"

    @property
    def button(self) -> str:
        """Name one of them on a button: "Save Customer"."""
        return self.value.capitalize()
