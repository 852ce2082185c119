"""What an organisation allows in an invoice is read once a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.sales_settings import OrganisationSettings
from posxero.services.sales import organisation
from posxero.services.sales.organisation import lock_date_of
from posxero.xero.shapes import Organisation
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from tests.support.pushing import Shop


def stored(shop: Shop) -> OrganisationSettings:
    return shop.session.scalars(select(OrganisationSettings).execution_options(populate_existing=True)).one()


def test_income_accounts_and_tax_rates_in_use_are_kept(shop: Shop) -> None:
    assert organisation.due_businesses(shop.session, now=now()) == [shop.business.id]
    organisation.read(shop.session, shop.business.id, shop.ports, now=now())
    found = stored(shop)
    assert found.accounts == [
        {"code": "200", "name": "Sales", "tax_type": "OUTPUT2"},
        {"code": "260", "name": "Other Revenue", "tax_type": "OUTPUT2"},
    ]
    assert [(rate["tax_type"], float(rate["rate"])) for rate in found.tax_rates] == [
        ("OUTPUT2", 15.0),
        ("NONE", 0.0),
        ("ZERORATED", 0.0),
    ]
    assert found.locked_until == date(2009, 9, 30)
    assert organisation.due_businesses(shop.session, now=now()) == []
    assert organisation.due_businesses(shop.session, now=now() + timedelta(hours=25)) == [shop.business.id]


def test_what_was_read_stays_when_xero_does_not_answer(shop: Shop) -> None:
    organisation.read(shop.session, shop.business.id, shop.ports, now=now())
    shop.xero.fault("503")
    later = now() + timedelta(days=1)
    organisation.read(shop.session, shop.business.id, shop.ports, now=later)
    found = stored(shop)
    assert len(found.accounts) == 2
    assert found.due_at == later + timedelta(minutes=10)


def test_the_later_lock_date_counts() -> None:
    first, second = "/Date(1254268800000+0000)/", "/Date(1774915200000+0000)/"
    assert lock_date_of(Organisation()) is None
    assert lock_date_of(Organisation(period_lock_date=first)) == date(2009, 9, 30)
    both = Organisation(period_lock_date=first, end_of_year_lock_date=second)
    assert lock_date_of(both) == date(2026, 3, 31)


def test_pressing_read_them_again_is_kept_where_no_job_can_be_enqueued(shop: Shop) -> None:
    organisation.read(shop.session, shop.business.id, shop.ports, now=now())
    organisation.refresh(shop.session, shop.business.id, RecordingQueue(), now=now())
    assert organisation.due_businesses(shop.session, now=now()) == [shop.business.id]
