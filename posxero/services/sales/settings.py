"""Settings → Sales: the income account, the tax rate, when sales are due, their numbers, and limits."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.domain.enums import ActivityKind
from posxero.domain.money import ZERO, decimal_places, parse_decimal
from posxero.domain.sale_rules import MAX_NUMBER
from posxero.domain.sale_terms import DueRule
from posxero.queue import JobQueue
from posxero.services import activity
from posxero.services.contacts import contacts
from posxero.services.errors import NotConnected
from posxero.services.sale_numbers import format_number
from posxero.services.sales import cures
from posxero.services.sales.errors import InvalidSalesSettings
from posxero.services.sales.terms import find, load_organisation, load_settings
from posxero.services.sync_status.connection_status import load_connection_status

MAX_PREFIX: Final = 50  # characters
MAX_DUE_DAYS: Final = 366
MAX_NEXT_NUMBER: Final = 999_999_999
FORBIDDEN_IN_PREFIX: Final = frozenset('"\\,')  # Xero's filters have no way to write them, or part numbers by them


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedSettings:
    """The submitted form, as typed."""

    account_code: str = ""
    tax_type: str = ""
    due_rule: str = DueRule.AFTER_MONTH
    due_days: str = "20"
    number_prefix: str = "POS-"
    next_number: str = "1"
    default_limit: str = ""  # none


def save(
    session: Session,
    business: Business,
    typed: TypedSettings,
    *,
    decimal_comma: bool = False,
    now: datetime,
    jobs: JobQueue,
) -> None:
    """Save the settings of sales; commits, then enqueues a push.

    Sales that Xero refused are tried again with the new account and tax rate.

    Raises:
        NotConnected: There is no organisation whose accounts could be chosen.
        InvalidSalesSettings: Something is wrong. Nothing is saved.
    """
    with writing(session):
        status = load_connection_status(session, business.id)
        if status.connection is None:
            raise NotConnected("Connect to Xero first, in Settings.")
        organisation = load_organisation(session, business.id, status.tenant_id)
        columns, errors = _parse(typed, organisation, decimal_comma=decimal_comma)
        if "next_number" in columns and "number_prefix" in columns and _is_used(session, business.id, columns):
            errors["next_number"] = "You have a sale with this number already. Enter a higher one"
        if errors:
            raise InvalidSalesSettings(errors)
        settings = load_settings(session, business.id)
        if settings is None:
            settings = SalesSettings(business_id=business.id, id=new_id())
            session.add(settings)
        for column, value in (columns | {"tenant_id": status.tenant_id, "updated_at": now}).items():
            setattr(settings, column, value)
        cures.use_settings(session, business.id, settings, tax_rate=_rate(organisation, settings.tax_type), now=now)
    jobs.push(business.id, awaited=True)


def set_credit_limit(
    session: Session,
    business: Business,
    contact_id: UUID,
    typed: str,
    *,
    decimal_comma: bool = False,
    by: str,
    now: datetime,
) -> Contact:
    """Set the limit of one customer, "" for the default of all; commits.

    Raises:
        NotFound: There is no such customer in this business.
        InvalidSalesSettings: It is no amount. Nothing is saved.
    """
    limit, message = _parse_limit(typed, decimal_comma=decimal_comma)
    if message:
        raise InvalidSalesSettings({"credit_limit": message})
    with writing(session):
        contact = contacts.get(session, business.id, contact_id, lock=True)
        if contact.credit_limit != limit:
            contact.credit_limit = limit
            words = f"{business.currency} {limit:,.2f}." if limit is not None else "The shop's default."
            activity.record(session, contact, ActivityKind.LIMIT_CHANGED, by=by, now=now, note=words)
    return contact


def _rate(organisation: OrganisationSettings | None, tax_type: str) -> Decimal:
    chosen = find(organisation.tax_rates if organisation else (), "tax_type", tax_type)
    return Decimal(chosen["rate"]) if chosen else ZERO


def _parse(
    typed: TypedSettings, organisation: OrganisationSettings | None, *, decimal_comma: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the columns that can be read, and what is wrong by control."""
    columns: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for key, choices, name, message in (
        ("account_code", organisation.accounts if organisation else (), "code", "Choose an income account"),
        ("tax_type", organisation.tax_rates if organisation else (), "tax_type", "Choose a tax rate"),
    ):
        columns[key] = getattr(typed, key)
        if find(choices, name, columns[key]) is None:
            errors[key] = message
    columns["due_rule"] = DueRule(typed.due_rule) if typed.due_rule in set(DueRule) else DueRule.AFTER_SALE
    days = _parse_whole(typed.due_days)
    if days is None or days > MAX_DUE_DAYS:
        errors["due_days"] = f"Enter a number of days from 0 to {MAX_DUE_DAYS}"
    columns["due_days"] = days
    columns["default_limit"], message = _parse_limit(typed.default_limit, decimal_comma=decimal_comma)
    if message:
        errors["default_limit"] = message
    return columns, errors | _parse_numbering(typed, columns)


def _parse_numbering(typed: TypedSettings, columns: dict[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    prefix, number = typed.number_prefix.strip(), _parse_whole(typed.next_number)
    if not (prefix.isascii() and (prefix.isprintable() or not prefix)) or FORBIDDEN_IN_PREFIX & set(prefix):
        errors["number_prefix"] = "Use plain letters, digits and signs like - or /"
    elif len(prefix) > MAX_PREFIX:
        errors["number_prefix"] = f"Number prefix can have at most {MAX_PREFIX} characters"
    else:
        columns["number_prefix"] = prefix
    if number is None or not 0 < number <= MAX_NEXT_NUMBER:
        errors["next_number"] = "Enter a whole number, 1 or more"
    else:
        columns["next_number"] = number
    return errors


def _parse_limit(typed: str, *, decimal_comma: bool) -> tuple[Decimal | None, str]:
    """Return a limit, or what is wrong with it."""
    if not typed.strip():
        return None, ""
    limit = parse_decimal(typed, decimal_comma=decimal_comma)
    if limit is None or limit < 0 or limit > MAX_NUMBER or decimal_places(limit) > 2:  # noqa: PLR2004 - cents
        return None, "Enter an amount like 500 or 500.00, or nothing for no limit"
    return limit, ""


def _parse_whole(typed: str) -> int | None:
    text = typed.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None  # noqa: PLR2004 - MAX_NEXT_NUMBER


def _is_used(session: Session, business_id: UUID, columns: dict[str, Any]) -> bool:
    number = format_number(columns["number_prefix"], columns["next_number"])
    return bool(session.scalar(select(exists().where(Sale.business_id == business_id, Sale.number == number))))
