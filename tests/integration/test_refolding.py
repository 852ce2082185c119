"""A business that changes its country finds its customers by their numbers again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posxero.services.accounts import businesses
from posxero.services.contacts.search import keys
from tests.support import factories, fakes

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.orm import Session

    from posxero.db.business import Business


def test_a_new_country_folds_every_number_again(
    session: Session, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH_SIZE", 2)
    rows = [factories.add_contact(session, business, f"Customer {n}", phone=f"020 7946 01{n:02}") for n in range(5)]
    keys.refold(session, business.id)
    assert keys.businesses_to_refold(session) == []
    jobs = fakes.RecordingQueue()
    london = {"country": "gb", "timezone": "Europe/London", "currency": "GBP"}
    businesses.change(session, business, name=business.name, **london, jobs=jobs)
    assert jobs.refolds == [business.id]
    assert keys.businesses_to_refold(session) == [business.id]
    keys.refold(session, business.id)
    assert keys.businesses_to_refold(session) == []
    session.expire_all()
    assert [row.phone_keys for row in rows] == [f"+44207946010{n}" for n in range(5)]
