"""The mapped fields by where they stand in Xero's JSON: (our key, Xero's name)."""

from typing import Final

from posxero.domain.fields import MAPPED


def _fields_under(prefix: str) -> list[tuple[str, str]]:
    """List the mapped fields under a path like ``Addresses.STREET``; "" is the contact itself."""
    paths = [(field.key, (field.xero or "").rpartition(".")) for field in MAPPED]
    return [(key, name) for key, (parent, _, name) in paths if parent == prefix]


SCALARS: Final = _fields_under("")
ADDRESSES: Final = {address_type: _fields_under(f"Addresses.{address_type}") for address_type in ("STREET", "POBOX")}
