"""Which Xero contacts an import adds, and with which flags."""

from typing import Final, NamedTuple

from posxero.domain.copies import XeroCopy

ARCHIVED: Final = "Archived in Xero"
MERGED: Final = "Merged into another contact in Xero"
ERASED: Final = "Erased in Xero at the person's request"
SUPPLIER: Final = "Supplier only"


class Flags(NamedTuple):
    """Whether an imported contact is a customer, a supplier, or both."""

    is_customer: bool
    is_supplier: bool


def flags(copy: XeroCopy) -> Flags:
    """Return the flags of a Xero contact; a general contact, which is neither in Xero, is a customer."""
    return Flags(is_customer=copy.is_customer or not copy.is_supplier, is_supplier=copy.is_supplier)


def exclusion_reason(copy: XeroCopy, *, with_suppliers: bool) -> str:
    """Return why an import excludes a contact, in words; "" when it does not."""
    if copy.status == "ARCHIVED":
        return MERGED if copy.merged_to else ARCHIVED
    if copy.status == "GDPRREQUEST":
        return ERASED
    if copy.status not in {"ACTIVE", ""}:
        return f"{copy.status.capitalize()} in Xero"
    if not flags(copy).is_customer and not with_suppliers:
        return SUPPLIER
    return ""
