"""The statement of a customer who bought much."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from posxero.services.sales.receivables import statement
from tests.support import sales

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.contact import Contact


def test_one_that_is_cut_ends_with_what_is_owed_at_its_end(
    session: Session, business: Business, ann: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MAX_ENTRIES", 2)
    charged = [sales.charge(session, business, ann) for _ in range(3)]
    today: date = charged[0].sold_on
    found = statement.load(session, business.id, ann.id, today - timedelta(days=30), today)
    assert (found.is_cut, len(found.entries)) == (True, 2)
    assert found.closing == sum(sale.total for sale in charged)
