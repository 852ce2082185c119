"""Read once a day what an organisation allows in an invoice: income accounts, tax rates and lock dates.

Its name and short code come with that.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.sales_settings import OrganisationSettings
from posxero.domain.enums import ConnectionState
from posxero.queue import JobQueue
from posxero.services import organisation_readings
from posxero.services.xero_connection import access, organisation_changes
from posxero.xero.errors import XeroError
from posxero.xero.invoice_shapes import Account, TaxRate
from posxero.xero.ports import XeroPorts
from posxero.xero.shapes import Organisation, parse_xero_date

READ_EVERY: Final = timedelta(hours=24)
RETRY_AFTER: Final = timedelta(minutes=10)  # after a reading that failed
ACTIVE: Final = "ACTIVE"
INCOME: Final = "REVENUE"  # Xero's class of accounts for income

log = structlog.get_logger(__name__)


def due_businesses(session: Session, *, now: datetime) -> Sequence[UUID]:
    """List the connected businesses whose organisation was not read for a day, or never."""
    pair = and_(
        OrganisationSettings.business_id == Connection.business_id,
        OrganisationSettings.tenant_id == Connection.tenant_id,
    )
    query = (
        select(Connection.business_id)
        .outerjoin(OrganisationSettings, pair)
        .where(
            Connection.state == ConnectionState.CONNECTED,
            Connection.grant_id.is_not(None),
            or_(OrganisationSettings.id.is_(None), OrganisationSettings.due_at <= now),
        )
    )
    return session.scalars(query).all()


def refresh(session: Session, business_id: UUID, jobs: JobQueue, *, now: datetime) -> None:
    """Have the organisation read now: somebody changed accounts or tax rates in Xero. Commits, then enqueues."""
    with writing(session):
        organisation_readings.mark_due(session, business_id, now=now)
    jobs.read_organisation(business_id)


def read(session: Session, business_id: UUID, ports: XeroPorts, *, now: datetime) -> None:
    """Read the organisation in three calls, and store what may be chosen; commits.

    What was read before stays where Xero cannot be read now; it is tried again later.
    """
    usable = (Connection.business_id == business_id, Connection.state == ConnectionState.CONNECTED)
    connection = session.scalar(select(Connection).where(*usable))
    session.commit()
    if connection is None:
        return
    tenant_id = connection.tenant_id
    try:
        found, columns = _read(session, connection, ports, now)
    except XeroError as error:
        log.warning("organisation.not_read", business=str(business_id), error=repr(error))
        found, columns = None, {"due_at": now + RETRY_AFTER}
    with writing(session):
        _store(session, business_id, tenant_id, columns)
        if found is not None:
            organisation_changes.follow(session, business_id, tenant_id, found, now=now)


def choices_of_accounts(accounts: Iterable[Account]) -> list[dict[str, str]]:
    """Return the income accounts in use, by code."""
    usable = [one for one in accounts if one.status == ACTIVE and one.account_class == INCOME and one.code]
    found = [{"code": one.code or "", "name": one.name or "", "tax_type": one.tax_type or ""} for one in usable]
    return sorted(found, key=lambda one: one["code"])


def choices_of_tax_rates(tax_rates: Iterable[TaxRate]) -> list[dict[str, str]]:
    """Return the tax rates in use that are for income, by name; rates in percent."""
    found = [
        {"tax_type": one.tax_type, "name": one.name or "", "rate": str(one.effective_rate)}
        for one in tax_rates
        if one.status == ACTIVE and one.can_apply_to_revenue and one.tax_type and one.effective_rate is not None
    ]
    return sorted(found, key=lambda one: one["name"])


def lock_date_of(organisation: Organisation) -> date | None:
    """Return the last day on which nothing may be dated any more: the later of both lock dates."""
    stamps = [parse_xero_date(text) for text in (organisation.period_lock_date, organisation.end_of_year_lock_date)]
    return max((datetime.fromisoformat(stamp).date() for stamp in stamps if stamp), default=None)


def _read(
    session: Session, connection: Connection, ports: XeroPorts, now: datetime
) -> tuple[Organisation, dict[str, Any]]:
    def call(operation: Any) -> Any:
        return access.call(session, connection, ports, operation, now=now, is_background=True)

    accounts = call(lambda client: client.accounts())
    tax_rates = call(lambda client: client.tax_rates())
    organisation = call(lambda client: client.organisation())
    return organisation, {
        "accounts": choices_of_accounts(accounts),
        "tax_rates": choices_of_tax_rates(tax_rates),
        "locked_until": lock_date_of(organisation),
        "read_at": now,
        "due_at": now + READ_EVERY,
    }


def _store(session: Session, business_id: UUID, tenant_id: UUID, columns: dict[str, Any]) -> None:
    """Write what was read; the caller commits."""
    row = session.scalar(
        select(OrganisationSettings)
        .where(OrganisationSettings.business_id == business_id, OrganisationSettings.tenant_id == tenant_id)
        .with_for_update()
    )
    if row is None:
        row = OrganisationSettings(business_id=business_id, id=new_id(), tenant_id=tenant_id, accounts=[], tax_rates=[])
        session.add(row)
    for column, value in columns.items():
        setattr(row, column, value)
