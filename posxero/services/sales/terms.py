"""On which terms a business sells on account now: settings that are complete and good in Xero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.domain.sale_terms import DueRule, due_date
from posxero.services.sales.errors import MissingSettings, SettingsPage
from posxero.services.sync_status.connection_status import ConnectionStatus

NOT_CONNECTED: Final = "Connect to Xero first: sales on account are invoices there."
NO_CURRENCY: Final = "Choose the currency of your shop first."
NOT_CHOSEN: Final = "Choose the income account and the tax rate for sales on account first."
OTHER_ORGANISATION: Final = "Your shop is connected to another Xero organisation now. Choose its income account first."
NO_ACCOUNT: Final = "Account {code} can't be used in Xero any more. Choose another income account."
NO_TAX_RATE: Final = "The tax rate for sales can't be used in Xero any more. Choose another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleTerms:
    """What a new sale gets from the settings. `tax_rate` is in percent."""

    tenant_id: UUID
    currency: str
    account_code: str
    tax_type: str
    tax_rate: Decimal
    due_rule: DueRule
    due_days: int
    default_limit: Decimal | None
    locked_until: date | None

    def due_date(self, sold_on: date) -> date:
        """Return when a sale of a day is due."""
        return due_date(sold_on, self.due_rule, self.due_days)


def load_terms(session: Session, business: Business, status: ConnectionStatus) -> SaleTerms:
    """Load the terms of a new sale.

    Raises:
        MissingSettings: Something must be chosen first; says what and where.
    """
    if status.connection is None:
        raise MissingSettings(NOT_CONNECTED, SettingsPage.XERO)
    if not business.currency:
        raise MissingSettings(NO_CURRENCY, SettingsPage.BUSINESS)
    settings = load_settings(session, business.id)
    if settings is None:
        raise MissingSettings(NOT_CHOSEN, SettingsPage.SALES)
    if settings.tenant_id != status.tenant_id:
        raise MissingSettings(OTHER_ORGANISATION, SettingsPage.SALES)
    organisation = load_organisation(session, business.id, status.tenant_id)
    account = find(organisation.accounts if organisation else (), "code", settings.account_code)
    tax_rate = find(organisation.tax_rates if organisation else (), "tax_type", settings.tax_type)
    if account is None:
        raise MissingSettings(NO_ACCOUNT.format(code=settings.account_code), SettingsPage.SALES)
    if tax_rate is None:
        raise MissingSettings(NO_TAX_RATE, SettingsPage.SALES)
    return SaleTerms(
        tenant_id=settings.tenant_id,
        currency=business.currency,
        account_code=settings.account_code,
        tax_type=settings.tax_type,
        tax_rate=Decimal(tax_rate["rate"]),
        due_rule=settings.due_rule,
        due_days=settings.due_days,
        default_limit=settings.default_limit,
        locked_until=organisation.locked_until if organisation else None,
    )


def load_settings(session: Session, business_id: UUID) -> SalesSettings | None:
    """Load Settings → Sales; None before they were saved once."""
    return session.scalar(
        select(SalesSettings).where(SalesSettings.business_id == business_id).execution_options(populate_existing=True)
    )


def load_organisation(session: Session, business_id: UUID, tenant_id: UUID) -> OrganisationSettings | None:
    """Load what was last read of an organisation; None before the first time."""
    return session.scalar(
        select(OrganisationSettings).where(
            OrganisationSettings.business_id == business_id, OrganisationSettings.tenant_id == tenant_id
        )
    )


def find(choices: Sequence[Mapping[str, Any]], key: str, value: str) -> Mapping[str, Any] | None:
    """Find one of an organisation's accounts or tax rates."""
    return next((one for one in choices if one[key] == value), None)
