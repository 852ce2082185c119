"""The mapped fields by where they stand in Xero's JSON: (our key, Xero's name)."""

from typing import Final

from posxero.domain.fields import ADDRESSES as ADDRESS_TYPES
from posxero.domain.fields import MAPPED


def _fields_in(list_name: str, type_name: str) -> list[tuple[str, str]]:
    """List the mapped fields in an element of a list, by its type; "" and "" is the contact itself."""
    places = [(field.key, field.place) for field in MAPPED if field.place]
    return [(key, place.name) for key, place in places if (place.list, place.type) == (list_name, type_name)]


SCALARS: Final = _fields_in("", "")
ADDRESSES: Final = {address_type: _fields_in("Addresses", address_type) for address_type in ADDRESS_TYPES}
