"""A contact of Xero and a customer of ours side by side, with the parts that are equal."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from posxero.domain import phone_numbers
from posxero.domain.fields import PHONES
from posxero.domain.folding import email_key, name_key

Key = tuple[str, str]  # what kind of part it is, and what is compared of it
CITY_FIELDS = ("street_city", "postal_city")


class Part(NamedTuple):
    """A name, an email, a phone or a town, and whether the other side has it too."""

    key: Key
    text: str
    same: bool = False

    @property
    def kind(self) -> str:
        """What it is: name, email, phone or town."""
        return self.key[0]


def parts_of(values: Mapping[str, str], country: str) -> list[Part]:
    """Return what is shown of a contact; the same phone or town stands there once.

    Args:
        values: Of the contact, by keys of the field map; any may be missing.
        country: The business's, for its phones.
    """
    found = {part.key: part for part in reversed([*_parts(values, country)])}
    return [*reversed(found.values())]


def mark_shared(parts: Collection[Part], other: Collection[Part]) -> list[Part]:
    """Return the parts of one side, each with whether the other side has it too."""
    keys = {part.key for part in other}
    return [part._replace(same=part.key in keys) for part in parts]


def _parts(values: Mapping[str, str], country: str) -> Iterator[Part]:
    if name := values.get("name", ""):
        yield Part(("name", name_key(name)), name)
    if email := values.get("email", ""):
        yield Part(("email", email_key(email) or email), email)
    for key in PHONES.values():
        if phone := values.get(key, ""):
            yield Part(("phone", phone_numbers.key(phone, country) or phone), phone)
    for key in CITY_FIELDS:
        if city := values.get(key, ""):
            yield Part(("town", name_key(city)), city)
