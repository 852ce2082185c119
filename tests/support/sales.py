"""A shop that sells on account: its settings, and sales as a till charges them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.domain.sale_rules import SaleRules, TypedLine
from posxero.domain.sale_terms import DueRule
from posxero.services.sales import charge as charging
from posxero.services.sales.form import ChargeContext, SaleForm
from tests.support.fakes import RecordingQueue
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact
    from posxero.db.sale import Sale

TODAY = date(2026, 11, 26)
SOCKS = TypedLine("Socks", "34.00", "1")
ACCOUNTS = [{"code": "200", "name": "Sales", "tax_type": "OUTPUT2"}]
TAX_RATES = [{"tax_type": "OUTPUT2", "name": "15% GST on Income", "rate": "15"}]


def add_sales_settings(session: Session, business: Business, connection: Connection, **columns: Any) -> SalesSettings:
    """Choose account 200 and 15 % GST, numbers from POS-0001, due on the 20th of the next month; commits."""
    settings = SalesSettings(
        business_id=business.id,
        id=new_id(),
        updated_at=LONG_AGO,
        tenant_id=connection.tenant_id,
        **{
            "account_code": "200",
            "tax_type": "OUTPUT2",
            "due_rule": DueRule.AFTER_MONTH,
            "due_days": 20,
            "number_prefix": "POS-",
            "next_number": 1,
            **columns,
        },
    )
    with writing(session):  # other processes of a live shop write, too
        session.add_all([settings, organisation_settings(business, connection)])
    return settings


def organisation_settings(business: Business, connection: Connection, **columns: Any) -> OrganisationSettings:
    """What was read of an organisation in New Zealand."""
    return OrganisationSettings(
        business_id=business.id,
        id=new_id(),
        tenant_id=connection.tenant_id,
        read_at=LONG_AGO,
        due_at=LONG_AGO.replace(year=2100),
        **{"accounts": ACCOUNTS, "tax_rates": TAX_RATES, **columns},
    )


def sale_form(*lines: TypedLine, **columns: Any) -> SaleForm:
    """A form that was filled in today; `columns` override."""
    key = uuid4().hex
    return SaleForm(lines=lines or (SOCKS,), **{"sold_on": TODAY.isoformat(), "idempotency_key": key, **columns})


def charge_context(**columns: Any) -> ChargeContext:
    """Sam charges; `columns` override."""
    rules, url = SaleRules(today=TODAY), "https://pos.example/sales"
    return ChargeContext(**{"by": "Sam", "may_override": False, "rules": rules, "sales_url": url, **columns})


def charge(
    session: Session,
    business: Business,
    contact: Contact,
    *lines: TypedLine,
    context: ChargeContext | None = None,
    **columns: Any,
) -> Sale:
    """Charge a sale to a customer's account."""
    form = sale_form(*lines, **columns)
    jobs = RecordingQueue()
    return charging.charge(session, business, contact.id, form, context or charge_context(), now=now(), jobs=jobs).sale
