"""The list of customers as a CSV file: what was searched for, every field, inert in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.domain import csv_cells, csv_columns
from posxero.domain.enums import ActivityKind
from posxero.services.contacts.csv_files import export
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser


def rows_of(body: str) -> list[dict[str, str]]:
    assert body.startswith(csv_cells.BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(body[1:], newline="")))


@pytest.fixture
def olive(sign_in: Callable[[User], Browser], owner: User) -> Browser:
    """The owner's browser."""
    return sign_in(owner)


def test_a_list_is_handed_out_with_every_field(olive: Browser, session: Session, business: Business) -> None:
    ann = factories.add_contact(
        session,
        business,
        name="=Ann",
        mobile="021 555 0001",
        birthday="1990-02-28",
        marketing_consent="yes",
        customer_code="007",
        notes='Likes "tea",\nnot coffee',
    )
    answer = olive.get("/customers.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="customers-')
    (row,) = rows_of(answer.text)
    assert tuple(row) == csv_columns.HEADINGS
    assert row["Retail POS ID"] == str(ann.id)
    assert row["Name"] == "'=Ann"
    assert (row["Birthday"], row["Marketing consent"], row["Customer code"]) == ("1990-02-28", "Yes", "007")
    assert row["Notes"] == 'Likes "tea",\nnot coffee'


def test_only_what_was_searched_for_is_handed_out(olive: Browser, session: Session, business: Business) -> None:
    for name in ("Ann Smith", "Bob Brown"):
        factories.add_contact(session, business, name=name)
    page = olive.get("/customers?q=ann").text
    assert 'href="/customers.csv?q=ann"' in page
    assert [row["Name"] for row in rows_of(olive.get("/customers.csv?q=ann").text)] == ["Ann Smith"]
    assert rows_of(olive.get("/suppliers.csv").text) == []
    notes = session.scalars(select(Activity.note).where(Activity.kind == ActivityKind.EXPORTED).order_by(Activity.id))
    assert list(notes) == ["Customers matching “ann”", "Suppliers"]


def test_batches_are_put_together(
    olive: Browser, session: Session, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_SIZE", 2)
    names = [f"Customer {number}" for number in range(5)]
    for name in names:
        factories.add_contact(session, business, name=name)
    assert [row["Name"] for row in rows_of(olive.get("/customers.csv").text)] == names


def test_who_may_not_export_is_shown_no_button(sign_in: Callable[[User], Browser], staff: User) -> None:
    sam = sign_in(staff)
    assert "/customers.csv" not in sam.get("/customers").text
    assert sam.get("/customers.csv").status_code == 403
