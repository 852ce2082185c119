"""The migration that finds who has a phone, on a database with customers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.engine import prepare
from posxero.db.migrate import upgrade
from posxero.services.contacts.duplicates import known as duplicates
from posxero.services.contacts.search import keys

pytestmark = pytest.mark.slow

BUSINESS = """INSERT INTO business (id, name, country, folded_country, created_at)
    VALUES (:business, 'Kowhai', :country, :country, :now)"""
CONTACT = """INSERT INTO contact (business_id, id, name, mobile, phone, name_key, search_text, phone_keys, version,
        revision, created_at, updated_at)
    VALUES (:business, :contact, 'Ann', '021 555 0002', '', 'ann', ' ann', '+64215550002', 1, 1, :now, :now)"""


def test_upkeep_folds_the_phones_of_every_customer(blank_url: str) -> None:
    upgrade(blank_url, "0005")
    engine = create_engine(blank_url, poolclass=NullPool)
    prepare(engine)
    now = datetime.now(UTC).replace(tzinfo=None)
    with engine.begin() as connection:
        for country in ("NZ", ""):
            ids = {"business": uuid4().hex, "contact": uuid4().hex, "country": country, "now": now}
            for statement in (BUSINESS, CONTACT):
                connection.execute(text(statement), ids)
    upgrade(blank_url)
    with Session(engine) as session:
        due = keys.businesses_to_refold(session)
        assert len(due) == 2
        for business_id in due:
            keys.refold(session, business_id)
        assert keys.businesses_to_refold(session) == []
        for business in session.scalars(select(Business)).all():
            (known,) = duplicates.find(session, business, {"phone": "021 555-0002"})
            assert known.same == ("phone",)
        assert set(session.scalars(select(Contact.mobile_key))) == {"+64215550002", "15550002"}
