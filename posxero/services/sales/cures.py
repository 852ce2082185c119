"""Try refused sales again on the settings that were chosen since."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from posxero.db.sale import Sale
from posxero.db.sales_settings import SalesSettings
from posxero.domain.enums import LinkState, SaleStatus
from posxero.domain.money import ZERO, included_tax
from posxero.services.push.retry import RETRY_NOW


def use_settings(
    session: Session, business_id: UUID, settings: SalesSettings, *, tax_rate: Decimal, now: datetime
) -> None:
    """Copy the account and tax rate of the settings to the sales that Xero refused; the caller commits and enqueues.

    Their totals stay. A sale keeps what was sent while the outcome of an attempt is unknown.

    Args:
        tax_rate: In percent, of the tax type.
    """
    refused = (
        select(Sale)
        .where(
            Sale.business_id == business_id,
            Sale.tenant_id == settings.tenant_id,
            Sale.state == LinkState.PARKED,
            Sale.status == SaleStatus.OPEN,
            Sale.xero_id.is_(None),
            Sale.creation_key == "",
        )
        .options(selectinload(Sale.lines))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for sale in session.scalars(refused):
        for line in sale.lines:
            line.account_code, line.tax_type, line.tax_rate = settings.account_code, settings.tax_type, tax_rate
            line.tax = included_tax(line.amount, tax_rate)
        sale.tax = sum((line.tax for line in sale.lines), ZERO)
        for column, value in (RETRY_NOW | {"owed_at": now, "owed_by_person": True}).items():
            setattr(sale, column, value)
