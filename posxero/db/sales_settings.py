"""How a business sells on account, and what its Xero organisation has to choose from."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.db.money import MONEY
from posxero.domain.sale_terms import DueRule


class SalesSettings(OfBusiness, Base):
    """Settings → Sales: one row of a business. Account and tax type are those of one organisation."""

    __tablename__ = "sales_settings"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_sales_settings_business", "business_id", unique=True),
    )

    tenant_id: Mapped[UUID]
    account_code: Mapped[str] = mapped_column(String(10))
    tax_type: Mapped[str] = mapped_column(String(50))
    due_rule: Mapped[DueRule]
    due_days: Mapped[int]
    number_prefix: Mapped[str] = mapped_column(String(50))
    next_number: Mapped[int]
    default_limit: Mapped[Decimal | None] = mapped_column(MONEY)  # None: without one
    updated_at: Mapped[datetime]


class OrganisationSettings(OfBusiness, Base):
    """What an organisation allows in an invoice: accounts, tax rates, lock dates; read daily."""

    __tablename__ = "organisation_settings"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_organisation_settings_tenant", "business_id", "tenant_id", unique=True),
    )

    tenant_id: Mapped[UUID]
    accounts: Mapped[list[Any]] = mapped_column(default=list)  # [{"code", "name", "tax_type"}], income accounts in use
    tax_rates: Mapped[list[Any]] = mapped_column(default=list)  # [{"tax_type", "name", "rate"}], those of income
    locked_until: Mapped[date | None]  # the later one of both lock dates
    read_at: Mapped[datetime | None]  # None until the first reading
    due_at: Mapped[datetime]  # of the next reading
