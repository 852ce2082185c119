"""What a search finds, and in which order: the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from posxero.db.contact import Contact
from posxero.domain.kinds import ContactKind
from posxero.domain.query import parse
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.sync_status.connection_status import load_connection_status
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business

COTTON = "O\u2019Brien 100% _cotton_"
SHOP: tuple[dict[str, Any], ...] = (
    {"name": "Ann Smith", "email": "ann@shop.example", "phone": "021 555 0002", "customer_code": "L-00017"},
    {"name": "Smith & Daughters Ltd", "first_name": "Zoë", "last_name": "Ångström", "account_number": "AC/9"},
    {"name": "Joanna Hann", "email": "j_hann@poutanen.example", "mobile": "+64 27 555 0199"},
    {"name": "Łódź Øl ApS", "company_number": "88-1"},
    {"name": COTTON, "customer_code": "ann"},
    {"name": "Ανδρέας", "email": "andreas@x.example"},
    {"name": "田中商店"},
    {"name": "Aroha Ngāta 🌺", "notes": "secret"},
)


def found(
    session: Session, business: Business, typed: str, kind: ContactKind = ContactKind.CUSTOMER, page: int = 1
) -> list[str]:
    asked = ListQuery(kind, typed, page=page)
    status = load_connection_status(session, business.id)
    rows = results.find(session, business.id, asked, status, datetime.now(UTC)).rows
    return [row.name for row in rows]


@pytest.fixture
def stocked(session: Session, business: Business, other_business: Business) -> Business:
    """A shop with customers of many kinds, beside one that has an Ann Smith too."""
    for one in SHOP:
        factories.add_contact(session, business, **one)
    theirs: dict[str, Any] = {"name": "Ann Smith of Rata", "email": "ann@shop.example", "customer_code": "L-00017"}
    factories.add_contact(session, other_business, **theirs)
    return business


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("ann", [COTTON, "Ann Smith", "Joanna Hann"]),  # code, name, the rest
        ("ANN", [COTTON, "Ann Smith", "Joanna Hann"]),
        ("smith", ["Smith & Daughters Ltd", "Ann Smith"]),
        ("smith ann", ["Ann Smith"]),
        ("an", ["Ann Smith", COTTON, "Smith & Daughters Ltd", "Ανδρέας"]),  # two letters begin a word
        ("zoe angstrom", ["Smith & Daughters Ltd"]),
        ("lodz", ["Łódź Øl ApS"]),
        ("ol aps", ["Łódź Øl ApS"]),
        ("obrien", [COTTON]),
        ("o'brien", [COTTON]),
        ("ngata", ["Aroha Ngāta 🌺"]),
        ("🌺", ["Aroha Ngāta 🌺"]),
        ("田中", ["田中商店"]),
        ("商店", ["田中商店"]),
        ("ΑΝΔΡΈΑΣ", ["Ανδρέας"]),
        ("l-00017", ["Ann Smith"]),
        ("L-00017", ["Ann Smith"]),
        ("j_hann@poutanen", ["Joanna Hann"]),
        ("021 555", ["Ann Smith"]),
        ("+64 21 555 0002", ["Ann Smith"]),
        ("0064215550002", ["Ann Smith"]),
        ("0002", ["Ann Smith"]),
        ("0199", ["Joanna Hann"]),
        ("027-555-0199", ["Joanna Hann"]),
        ("AC/9", ["Smith & Daughters Ltd"]),
        ("88-1", ["Łódź Øl ApS"]),
        ("secret", []),
        ("zzzz", []),
        ("%", []),
        ("_", []),
        ("100%", [COTTON]),
        ("ann' OR 1=1 --", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(session: Session, stocked: Business, typed: str, names: list[str]) -> None:
    assert found(session, stocked, typed) == names


@pytest.mark.parametrize("typed", ["x" * 10_000, "ann " * 3_000, "\x00", "\ud800", "%" * 10_000, "🌺" * 5_000])
def test_nothing_that_is_typed_breaks_the_search(session: Session, stocked: Business, typed: str) -> None:
    assert len(found(session, stocked, typed)) <= len(SHOP)


def test_suppliers_and_archived_contacts_have_their_own_lists(session: Session, business: Business) -> None:
    factories.add_contact(session, business, "Both", is_supplier=True)
    factories.add_contact(session, business, "Supplier", is_customer=False, is_supplier=True)
    factories.add_contact(session, business, "Gone", archived_at=LONG_AGO)
    assert found(session, business, "") == ["Both"]
    assert found(session, business, "", ContactKind.SUPPLIER) == ["Both", "Supplier"]
    status = load_connection_status(session, business.id)
    archived = results.find(session, business.id, ListQuery(ContactKind.CUSTOMER, "gone", "archived"), status, LONG_AGO)
    assert [row.name for row in archived.rows] == ["Gone"]


def test_pages_hold_25_in_a_stable_order(session: Session, business: Business) -> None:
    for number in range(60):
        factories.add_contact(session, business, f"Same Name {number % 2}", email=f"{number}@x.example")
    for typed in ("", "same", "name", "example"):
        pages = [found(session, business, typed, page=page) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [25, 25, 10]
        assert [name for page in pages for name in page] == ["Same Name 0"] * 30 + ["Same Name 1"] * 30
        assert found(session, business, typed, page=4) == []


def rank(contact: Contact, typed: str) -> int:
    """Rank a contact as plainly as it can be said: 0 code, 1 name, 2 words, 3 within; 4 is not found."""
    query = parse(typed)
    words = contact.search_text
    if contact.customer_code and contact.customer_code in {query.code, query.code.upper(), query.code.lower()}:
        return 0
    if contact.name_key.startswith(query.name_prefix):
        return 1
    begun = [f" {term}" in words for term in query.terms]
    within = [begun[n] if len(term) <= 2 and term.isascii() else term in words for n, term in enumerate(query.terms)]
    if not query.terms or not all(within):
        return 4
    return 2 if all(begun) else 3


PIECES = st.sampled_from(
    "ann an a smith hann zoë ÅNG l- 00017 17 555 021 +64 0199 o' ž % _ 田 🌺 @ poutanen ltd 8".split()  # noqa: SIM905 - one line
)


@pytest.mark.slow
def test_both_databases_find_what_plain_words_say(session: Session, stocked: Business) -> None:
    every = session.scalars(select(Contact).where(Contact.business_id == stocked.id)).all()

    @settings(max_examples=150, deadline=None)
    @given(st.lists(PIECES, min_size=1, max_size=4), st.sampled_from(["", " "]))
    def agree(pieces: list[str], between: str) -> None:
        typed = between.join(pieces)
        ranks = [(rank(one, typed), one.name_key, one.id.bytes, one.name) for one in every]
        expected = sorted(one for one in ranks if one[0] < 4)
        assert found(session, stocked, typed) == [name for *_, name in expected]

    agree()
