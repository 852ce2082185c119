"""The settings of an organisation that people change in Xero: its name, lock dates, approval, and what it uses."""

import sqlite3
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from posxero.practice import chart, xero_dates
from posxero.practice.organisations import ORGANISATIONS, Organisation

SEEDED_PERIOD_LOCK_DATE = date(2009, 9, 30)  # as recorded from the Demo Company


class OrganisationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings; a lock date is the last day on which nothing may be dated any more."""

    name: str = ""  # "": the one it was made with, as for the short code
    short_code: str = ""
    period_lock_date: date | None = SEEDED_PERIOD_LOCK_DATE
    end_of_year_lock_date: date | None = None
    approval_status: str = ""  # what an invoice that the API sends as AUTHORISED becomes; "": AUTHORISED
    archived_accounts: dict[str, int] = {}  # code: when, in milliseconds since 1970
    retired_tax_types: list[str] = []
    added_currencies: list[str] = []  # beside the base currency
    has_payment_events: bool = True  # whether a payment or credit is an INVOICE event; undocumented by Xero
    is_open_credit_outstanding: bool = True  # whether unallocated credit lowers a contact's Outstanding; undocumented
    next_invoice_number: int = 1
    next_credit_note_number: int = 1

    @property
    def currencies(self) -> set[str]:
        """The codes of the currencies that the organisation is subscribed to."""
        return {chart.BASE_CURRENCY, *self.added_currencies}


def get(database: sqlite3.Connection, tenant: str) -> OrganisationSettings:
    """Return the settings of an organisation, the defaults if nothing was changed."""
    row = database.execute("SELECT value FROM meta WHERE key = ?", (_key(tenant),)).fetchone()
    return msgspec.json.decode(row["value"], type=OrganisationSettings) if row else OrganisationSettings()


def change(database: sqlite3.Connection, tenant: str, **changes: Any) -> OrganisationSettings:
    """Change settings within the caller's transaction.

    Raises:
        msgspec.ValidationError: A name is unknown or a value has the wrong type.
    """
    builtins = msgspec.to_builtins(get(database, tenant)) | changes
    changed = msgspec.convert(builtins, OrganisationSettings)
    encoded = msgspec.json.encode(changed).decode()
    database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_key(tenant), encoded))
    return changed


def list_organisations(database: sqlite3.Connection) -> list[Organisation]:
    """List the organisations, each under its current name and short code."""
    return [_current(database, organisation) for organisation in ORGANISATIONS]


def find(database: sqlite3.Connection, *, tenant: str = "", short_code: str = "") -> Organisation | None:
    """Return an organisation by its tenant id or current short code, or None."""
    listed = list_organisations(database)
    return next((each for each in listed if tenant.lower() == each.tenant_id or short_code == each.short_code), None)


def list_accounts(database: sqlite3.Connection, tenant: str) -> list[dict[str, Any]]:
    """Return the elements of GET /Accounts: archived ones too, as Xero does."""
    archived = get(database, tenant).archived_accounts
    return [
        account | _archived(archived[account["Code"]]) if account["Code"] in archived else account
        for account in chart.accounts(tenant)
    ]


def list_tax_rates(database: sqlite3.Connection, tenant: str) -> list[dict[str, Any]]:
    """Return the elements of GET /TaxRates: deleted ones too, as Xero does."""
    retired = get(database, tenant).retired_tax_types
    return [rate | ({"Status": chart.DELETED} if rate["TaxType"] in retired else {}) for rate in chart.tax_rates()]


def list_currencies(database: sqlite3.Connection, tenant: str) -> list[dict[str, Any]]:
    """Return the elements of GET /Currencies."""
    subscribed = get(database, tenant).currencies
    return [{"Code": code, "Description": name} for code, name in chart.CURRENCIES.items() if code in subscribed]


def archive_account(database: sqlite3.Connection, tenant: str, code: str, *, is_archived: bool, now: int) -> None:
    """Archive or restore an account within the caller's transaction."""
    archived = {key: at for key, at in get(database, tenant).archived_accounts.items() if key != code}
    change(database, tenant, archived_accounts=archived | ({code: now} if is_archived else {}))


def retire_tax_rate(database: sqlite3.Connection, tenant: str, tax_type: str, *, is_retired: bool) -> None:
    """Retire or restore a tax rate within the caller's transaction."""
    others = [each for each in get(database, tenant).retired_tax_types if each != tax_type]
    change(database, tenant, retired_tax_types=[*others, tax_type] if is_retired else others)


def lock_date_fields(settings: OrganisationSettings) -> dict[str, str]:
    """Return the lock dates as GET /Organisation has them, which omits those that are not set."""
    dates = {"PeriodLockDate": settings.period_lock_date, "EndOfYearLockDate": settings.end_of_year_lock_date}
    return {key: xero_dates.format_date(day) for key, day in dates.items() if day is not None}


def _current(database: sqlite3.Connection, organisation: Organisation) -> Organisation:
    changed = get(database, organisation.tenant_id)
    return replace(
        organisation,
        name=changed.name or organisation.name,
        short_code=changed.short_code or organisation.short_code,
    )


def _archived(at: int) -> dict[str, str]:
    return {"Status": chart.ARCHIVED, "UpdatedDateUTC": xero_dates.format_with_offset(at)}


def _key(tenant: str) -> str:
    return f"settings {tenant}"
