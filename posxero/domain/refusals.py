"""Why Xero refused something, as far as that decides what cures it. The words stand beside it, and may change."""

from enum import StrEnum
from typing import Final, NamedTuple

from posxero.domain.fields import PHONES


class RefusalKind(StrEnum):
    """Why Xero refused; the database stores the value, of up to 20 characters."""

    OTHER = ""
    NAME_TAKEN = "name_taken"  # another contact has the name
    NUMBER_TAKEN = "number_taken"  # another contact or invoice has our number
    NUMBER_LINKED = "number_linked"  # Xero has it under our number, and another row here is linked to it
    CHOICE_NEEDED = "choice_needed"  # a person must say which contact of Xero it is
    ACCOUNT_NUMBER_TAKEN = "account_number_taken"  # another contact has the account number
    EMAIL_NEEDED = "email_needed"
    EMAIL = "email"  # from here to the region: this detail is not accepted
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    PHONE = "phone"
    COUNTRY = "country"
    POSTCODE = "postcode"
    ADDRESS = "address"
    TAX_NUMBER = "tax_number"
    COMPANY_NUMBER = "company_number"
    ACCOUNT_NUMBER = "account_number"
    CITY = "city"
    REGION = "region"
    DETAILS = "details"  # some detail is not accepted, and Xero does not say which
    SALES_SETTINGS = "sales_settings"  # another choice in Settings → Sales is needed
    LOCKED = "locked"  # the books are locked for the date


class Refusal(NamedTuple):
    """Why Xero refused an item: in words, which end with Xero's own, and by kind."""

    reason: str
    kind: RefusalKind = RefusalKind.OTHER


_ADDRESSES: Final = ("street", "postal")
# The keys of the fields that a kind is about, one of which is wrong.
FIELDS_OF_KIND: Final[dict[RefusalKind, tuple[str, ...]]] = {
    RefusalKind.NAME_TAKEN: ("name",),
    RefusalKind.ACCOUNT_NUMBER_TAKEN: ("account_number",),
    RefusalKind.EMAIL_NEEDED: ("email",),
    RefusalKind.EMAIL: ("email",),
    RefusalKind.NAME: ("name",),
    RefusalKind.FIRST_NAME: ("first_name",),
    RefusalKind.LAST_NAME: ("last_name",),
    RefusalKind.PHONE: tuple(PHONES.values()),
    RefusalKind.COUNTRY: tuple(f"{kind}_country" for kind in _ADDRESSES),
    RefusalKind.POSTCODE: tuple(f"{kind}_postcode" for kind in _ADDRESSES),
    RefusalKind.ADDRESS: tuple(f"{kind}_line{n}" for kind in _ADDRESSES for n in range(1, 5)),
    RefusalKind.TAX_NUMBER: ("tax_number",),
    RefusalKind.COMPANY_NUMBER: ("company_number",),
    RefusalKind.ACCOUNT_NUMBER: ("account_number",),
    RefusalKind.CITY: tuple(f"{kind}_city" for kind in _ADDRESSES),
    RefusalKind.REGION: tuple(f"{kind}_region" for kind in _ADDRESSES),
}
# Another try with the same details would be refused again.
CURED_BY_SAVING: Final = frozenset(FIELDS_OF_KIND.keys() - {RefusalKind.NAME_TAKEN} | {RefusalKind.DETAILS})
FOUND_BY_NUMBER: Final = frozenset({RefusalKind.NUMBER_TAKEN, RefusalKind.NUMBER_LINKED})
# For sales: another number prefix, account or tax rate is chosen in Settings → Sales.
CURED_IN_SETTINGS: Final = frozenset({RefusalKind.SALES_SETTINGS, RefusalKind.NUMBER_TAKEN})
# For sales: Xero's organisation no longer allows what it did when it was read last.
ABOUT_ORGANISATION: Final = CURED_IN_SETTINGS | {RefusalKind.LOCKED}
