"""The migration that finds who has a phone, on a database with customers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.engine import prepare
from posxero.db.migrate import upgrade
from posxero.services.contacts import duplicates
from posxero.services.contacts.search import keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Cluster

BUSINESS = """INSERT INTO business (id, name, country, folded_country, created_at)
    VALUES (:business, 'Kowhai', :country, :country, :now)"""
CONTACT = """INSERT INTO contact (business_id, id, name, mobile, phone, name_key, search_text, phone_keys, version,
        revision, created_at, updated_at)
    VALUES (:business, :contact, 'Ann', '021 555 0002', '', 'ann', ' ann', '+64215550002', 1, 1, :now, :now)"""


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database before the migration."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        cluster.run("CREATE DATABASE before_known_phones")
        url = cluster.url("before_known_phones")
    upgrade(url, "0005")
    return url


def test_upkeep_folds_the_phones_of_every_customer(old_database: str) -> None:
    engine = create_engine(old_database, poolclass=NullPool)
    prepare(engine)
    now = datetime.now(UTC).replace(tzinfo=None)
    with engine.begin() as connection:
        for country in ("NZ", ""):
            ids = {"business": uuid4().hex, "contact": uuid4().hex, "country": country, "now": now}
            for statement in (BUSINESS, CONTACT):
                connection.execute(text(statement), ids)
    upgrade(old_database)
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
