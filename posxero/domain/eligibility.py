"""Which contacts of Xero an import brings in, and as what."""

from typing import Final, NamedTuple

from posxero.domain.copies import XeroCopy

ARCHIVED: Final = "Archived in Xero"
MERGED: Final = "Merged into another contact in Xero"
ERASED: Final = "Erased in Xero at the person's request"
SUPPLIER: Final = "Supplier only"


class Flags(NamedTuple):
    """What an imported contact is here."""

    is_customer: bool
    is_supplier: bool


def flags(copy: XeroCopy) -> Flags:
    """Tell what a contact of Xero is here: a general contact, neither of the two in Xero, is a customer."""
    return Flags(is_customer=copy.is_customer or not copy.is_supplier, is_supplier=copy.is_supplier)


def left_out(copy: XeroCopy, *, with_suppliers: bool) -> str:
    """Say why an import leaves a contact out, in words; "" when it brings it in."""
    if copy.status == "ARCHIVED":
        return MERGED if copy.merged_to else ARCHIVED
    if copy.status == "GDPRREQUEST":
        return ERASED
    if copy.status not in {"ACTIVE", ""}:
        return f"{copy.status.capitalize()} in Xero"
    if not flags(copy).is_customer and not with_suppliers:
        return SUPPLIER
    return ""
