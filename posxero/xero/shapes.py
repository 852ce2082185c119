"""Xero's JSON as typed structs, with Xero's names.

The source is Xero's OpenAPI document 16.1.0 and recorded responses: a paged read leaves empty fields out, a write
returns them as "", and any may be null: all read as "". Many structs have gc=False, since JSON has no cycles.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Phone(msgspec.Struct, rename="pascal", gc=False):
    """One entry of Phones. Find one by its type: the order differs between responses."""

    phone_type: str | None = None
    phone_number: str | None = None
    phone_area_code: str | None = None
    phone_country_code: str | None = None


class Address(msgspec.Struct, rename="pascal", gc=False):
    """One entry of Addresses."""

    address_type: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    attention_to: str | None = None


class Notice(msgspec.Struct, rename="pascal", gc=False):
    """One entry of ValidationErrors or Warnings; it carries only a message."""

    message: str | None = None


class Balance(msgspec.Struct, rename="pascal", omit_defaults=True, gc=False):
    """What is due, and how much of it is overdue; of every currency, added up as it is."""

    outstanding: Decimal | None = None
    overdue: Decimal | None = None


class Balances(msgspec.Struct, rename="pascal", omit_defaults=True, gc=False):
    """The balances of a contact; only a paged read and the read of a single contact have them."""

    accounts_receivable: Balance | None = None


class Contact(msgspec.Struct, rename="pascal", omit_defaults=True, gc=False):
    """A contact: what we read of it, and what a write says about it."""

    contact_id: UUID = msgspec.field(name="ContactID", default=UUID(int=0))
    contact_status: str | None = None
    contact_number: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    company_number: str | None = None
    tax_number: str | None = None
    account_number: str | None = None
    addresses: list[Address] | None = None
    phones: list[Phone] | None = None
    is_customer: bool | None = None
    is_supplier: bool | None = None
    balances: Balances | None = None
    merged_to_contact_id: str | None = msgspec.field(name="MergedToContactID", default=None)
    updated: str | None = msgspec.field(name="UpdatedDateUTC", default=None)
    has_validation_errors: bool | None = None
    status_attribute_string: str | None = None
    validation_errors: list[Notice] | None = None
    warnings: list[Notice] | None = None

    @property
    def is_written(self) -> bool:
        """Return whether a write was carried out: Xero may answer 200 and have refused it."""
        return not self.has_validation_errors and self.status_attribute_string != "ERROR" and self.contact_id.int != 0

    @property
    def error_messages(self) -> list[str]:
        """Return Xero's messages about this contact."""
        return [notice.message for notice in self.validation_errors or () if notice.message]


class HistoryRecord(msgspec.Struct, rename="pascal", omit_defaults=True):
    """One entry of the history of a contact: a note, or what Xero itself recorded."""

    details: str | None = None
    changes: str | None = None
    user: str | None = None
    date_utc: str | None = msgspec.field(name="DateUTC", default=None)


class HistoryRecords(msgspec.Struct, rename="pascal"):
    """The envelope of every response about a history."""

    history_records: list[HistoryRecord] | None = None


class Pagination(msgspec.Struct, rename="camel"):
    """The page's position and the counts of the whole. Only this object of Xero's is in camel case."""

    page: int = 0
    page_size: int = 0
    page_count: int = 0
    item_count: int = 0


class Contacts(msgspec.Struct, rename="pascal"):
    """The envelope of every response about contacts."""

    contacts: list[Contact] | None = None
    pagination: Pagination | None = msgspec.field(name="pagination", default=None)


class Organisation(msgspec.Struct, rename="pascal"):
    """The details of an organisation."""

    name: str | None = None
    short_code: str | None = None
    country_code: str | None = None
    base_currency: str | None = None
    timezone: str | None = None
    period_lock_date: str | None = None
    end_of_year_lock_date: str | None = None


class Organisations(msgspec.Struct, rename="pascal"):
    """The envelope of GET /Organisation: a list of one."""

    organisations: list[Organisation] | None = None


class ErrorResponse(msgspec.Struct, rename="pascal"):
    """The body of a 400 (ErrorNumber, Message, Elements), or of a 401 and 403 (Title, Detail)."""

    error_number: int | None = None
    type: str | None = None
    message: str | None = None
    elements: list[Contact] | None = None
    detail: str | None = None


class TenantConnection(msgspec.Struct, rename="camel"):
    """One entry of /connections: an organisation (or a practice) that the app may see."""

    id: str
    tenant_id: UUID
    tenant_type: str = ""
    tenant_name: str | None = None
    auth_event_id: str | None = None


class TokenResponse(msgspec.Struct):
    """A success of the token endpoint. One without both tokens and a whole number of seconds is not decoded."""

    access_token: str
    refresh_token: str
    expires_in: int  # seconds
    scope: str | list[str] = ""


class Claims(msgspec.Struct):
    """The claims that we read of an access token."""

    authentication_event_id: str = ""


class TokenError(msgspec.Struct):
    """An error of the token endpoint (RFC 6749, 5.2)."""

    error: str = ""


def parse_xero_date(text: str | None) -> str:
    """Read ``/Date(1518685950940+0000)/``, milliseconds since 1970 in UTC, as ISO 8601; "" when it is no date.

    Only for fields that hold a date: a contact may be *named* like one.
    """
    if not text or not text.startswith("/Date("):
        return ""
    digits = text[6:].split(")")[0]
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    digits = digits.split("+")[0].split("-")[0]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:  # noqa: PLR2004 - beyond the year 33000
        return ""
    try:
        return (EPOCH + timedelta(milliseconds=int(sign + digits))).isoformat(timespec="milliseconds")
    except OverflowError:
        return ""
