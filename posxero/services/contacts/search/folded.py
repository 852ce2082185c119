"""The columns that search and matching read, drawn from a contact's fields."""

from collections.abc import Mapping

from posxero.domain import phone_numbers
from posxero.domain.folding import email_key, name_key, phone_keys, search_text


def search_columns(values: Mapping[str, str], country: str) -> dict[str, str]:
    """Fold a contact's fields, for its columns of the same names.

    Args:
        values: Fields by key.
        country: The business's, ISO 3166-1 alpha-2 or "": local phone numbers are read by it.
    """
    return {
        "name_key": name_key(values["name"]),
        "search_text": search_text(values, country),
        "email_key": email_key(values["email"]),
        "phone_keys": " ".join(phone_keys(values, country)),
        "phone_key": phone_numbers.key(values["phone"], country),
        "mobile_key": phone_numbers.key(values["mobile"], country),
    }
