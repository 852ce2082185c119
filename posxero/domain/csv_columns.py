"""The columns of a CSV file of customers: their headings on the way out, and what a heading means on the way in."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from posxero.domain.fields import FIELDS, by_key
from posxero.domain.folding import words

ID: Final = "id"  # the key of the column that says which customer a row is
ID_HEADING: Final = "Retail POS ID"
KEYS: Final = (ID, *(field.key for field in FIELDS))
HEADINGS: Final = (ID_HEADING, *(field.full_label for field in FIELDS))

# What other programs call a field, in the words of `folding.words` (Xero, MYOB, Lightspeed, Square, Shopify, Outlook).
_OTHER_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "name": (
        "contact name",
        "contactname",
        "customer name",
        "company",
        "company name",
        "business name",
        "full name",
        "customer",
    ),
    "first_name": ("given name", "firstname", "forename"),
    "last_name": ("surname", "lastname", "family name"),
    "email": ("email address", "e mail", "mail", "emailaddress", "e mail address"),
    "phone": ("phone number", "telephone", "phonenumber", "home phone", "business phone", "tel"),
    "mobile": ("mobile number", "mobile phone", "cell", "cell phone", "mobilenumber"),
    "direct_dial": ("ddi", "direct phone", "ddinumber"),
    "fax": ("fax number", "faxnumber"),
    "birthday": ("date of birth", "birth date", "dob"),
    "marketing_consent": ("accepts marketing", "newsletter", "email subscription status"),
    "street_line1": ("address", "address line 1", "address 1", "street", "saaddressline1", "physical address 1"),
    "street_line2": ("address line 2", "address 2", "saaddressline2", "suburb", "physical suburb"),
    "street_line3": ("address line 3", "saaddressline3"),
    "street_line4": ("address line 4", "saaddressline4"),
    "street_city": ("city", "town", "sacity", "physical city"),
    "street_region": ("region", "state", "province", "saregion", "physical state"),
    "street_postcode": ("postcode", "post code", "postal code", "zip", "zip code", "sapostalcode", "physical postcode"),
    "street_country": ("country", "sacountry", "physical country"),
    "postal_line1": ("poaddressline1", "postal address", "postal address 1"),
    "postal_line2": ("poaddressline2", "postal suburb", "postal address 2"),
    "postal_line3": ("poaddressline3",),
    "postal_line4": ("poaddressline4",),
    "postal_city": ("pocity", "postal city"),
    "postal_region": ("poregion", "postal state"),
    "postal_postcode": ("popostalcode", "postal postcode"),
    "postal_country": ("pocountry", "postal country"),
    "company_number": ("companynumber", "nzbn", "abn"),
    "tax_number": ("taxnumber", "gst number", "vat number", "tax id"),
    "account_number": ("accountnumber",),
    "customer_code": ("code", "customer id", "customer number", "barcode"),
    "notes": ("note", "comments", "memo"),
}


def _known_headings() -> dict[str, str]:
    """Return the keys by what their headings may be; our own headings come first."""
    known: dict[str, str] = {}
    for key, heading in zip(KEYS, HEADINGS, strict=True):
        known.setdefault(_folded(heading), key)
    for key, names in _OTHER_NAMES.items():
        for name in (*names, by_key(key).label):
            known.setdefault(_folded(name), key)
    return known


def _folded(heading: str) -> str:
    return " ".join(words(heading))


_KNOWN: Final = _known_headings()


def cells_of(contact_id: UUID, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the cells of a customer, in the order of `HEADINGS`; what is chosen from a list stands there in words."""
    return (str(contact_id), *(field.kind.in_words(values[field.key]) for field in FIELDS))


def label_of(key: str) -> str:
    """Return what a column is called on screen."""
    return ID_HEADING if key == ID else by_key(key).full_label


def guess(headings: Sequence[str]) -> list[str]:
    """Guess what each column holds: its key, or "" for a column that is not known. A key is used for one column."""
    found: list[str] = []
    for heading in headings:
        key = _KNOWN.get(_folded(heading), "")
        found.append("" if key in found else key)
    return found
