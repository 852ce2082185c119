"""Businesses: one retailer's account each."""

from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business, User
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.enums import Right, Role, SaleStatus
from posxero.domain.phone_numbers import is_country
from posxero.queue import JobQueue
from posxero.services.accounts import user_rules, users
from posxero.services.errors import Invalid

NAME_MAX = 255  # characters
OWED_IN = "Customers still owe for sales in {currency}. Change the currency once those are paid or voided"


class InvalidBusiness(Invalid):
    """A business cannot be saved."""


def create(
    session: Session,
    *,
    name: str,
    owner_email: str,
    owner_name: str,
    password: str,
    now: datetime,
    country: str = "",
    timezone: str = "",
) -> tuple[Business, User]:
    """Create a business and its owner.

    The country (ISO 3166-1 alpha-2) and the time zone (an IANA name) may be "": the
    connection to Xero fills them.

    Raises:
        InvalidBusiness: The name or the place is wrong; nothing is created.
        InvalidUser: The owner is wrong; nothing is created.
    """
    errors = check(name=name, country=country, timezone=timezone)
    if errors:
        raise InvalidBusiness(errors)
    business = Business(
        id=new_id(), name=" ".join(name.split()), country=country.upper(), timezone=timezone, created_at=now
    )
    owner = users.build(business, name=owner_name, email=owner_email, role=Role.OWNER, password=password, now=now)
    try:
        with writing(session):
            session.add(business)
            session.flush()
            session.add(owner)
    except IntegrityError:
        raise user_rules.email_taken() from None
    return business, owner


def check(*, name: str, country: str, timezone: str) -> dict[str, str]:
    """Check what a business's form holds; returns sentences by field."""
    errors = {}
    if not name.strip() or len(name) > NAME_MAX:
        errors["name"] = f"Enter the business's name, {NAME_MAX} characters or fewer"
    if country and not is_country(country.upper()):
        errors["country"] = "Enter the country as two letters, like NZ, AU, US or GB"
    if timezone and timezone not in available_timezones():
        errors["timezone"] = "Enter a time zone like Pacific/Auckland"
    return errors


def named(session: Session, name_or_id: str) -> Business | None:
    """Find a business by its id or, when only one has it, by its name."""
    try:
        return session.get(Business, UUID(name_or_id))
    except ValueError:
        found = session.scalars(select(Business).where(Business.name == name_or_id)).all()
        return found[0] if len(found) == 1 else None


def change(
    session: Session, business: Business, *, name: str, country: str, timezone: str, currency: str, jobs: JobQueue
) -> None:
    """Change a business. Commits, then enqueues the folding of its phone numbers for a new country.

    Raises:
        InvalidBusiness: A field is wrong; nothing is changed.
    """
    errors = check(name=name, country=country, timezone=timezone)
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):  # noqa: PLR2004 - ISO 4217
        errors["currency"] = "Enter the currency as three letters, like NZD"
    if errors:
        raise InvalidBusiness(errors)
    with writing(session):
        session.refresh(business, with_for_update={"key_share": True})  # only what differs from the row is written
        if currency.upper() != business.currency:
            _check_nothing_owed(session, business.id, currency.upper())
        business.name, business.country = " ".join(name.split()), country.upper()
        business.timezone, business.currency = timezone, currency.upper()
    if business.folded_country != business.country:
        jobs.refold(business.id)


def _check_nothing_owed(session: Session, business_id: UUID, currency: str) -> None:
    """Refuse a currency while customers owe for sales in another: what they owe could not be added up."""
    owed = (Sale.business_id == business_id, Sale.status == SaleStatus.OPEN, Sale.amount_due > 0)
    other = session.scalar(select(Sale.currency).where(*owed, Sale.currency != currency).limit(1))
    if other is not None:
        raise InvalidBusiness({"currency": OWED_IN.format(currency=other)})


def adopt_timezone(session: Session, user: User, timezone: str) -> None:
    """Take the time zone of an owner's browser for a business that has none; commits.

    Args:
        timezone: What the browser says. Only the name of a place counts: UTC is what a machine without one says.
    """
    is_place = not timezone.startswith("Etc/") and "/" in timezone and timezone in available_timezones()
    if user.business.timezone or not is_place or not user.role.may(Right.OWN):
        return
    unset = (Business.id == user.business_id, Business.timezone == "")
    with writing(session):
        session.execute(update(Business).where(*unset).values(timezone=timezone))


def read_notice(session: Session, business: Business) -> None:
    """Note that the shop has read who is the master of its customers; commits."""
    with writing(session):
        business.master_notice_read = True
