"""The migration that tells links that were never equal, on a database with links of every kind."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

NOW = "2026-11-01 09:30:00"
CONTACT = "INSERT INTO contact (business_id, id, name_key, search_text, version, revision, created_at, updated_at) "
CONTACT += "VALUES (:business, :contact, '', '', 1, 1, :now, :now)"
LINK = """INSERT INTO link (business_id, id, contact_id, tenant_id, xero_id, copy, differs, sent_revision, linked_at,
    sent_at, state, tries)
    VALUES (:business, :link, :contact, :tenant, :xero, '{}', :differs, 1, :now, :sent, 'active', 0)"""
CHANGED = """INSERT INTO activity (business_id, id, at, kind, contact_id, actor, changes, note, raw)
    VALUES (:business, :link, :now, 'changed_in_xero', :contact, '', '[]', '', '')"""
# Of a link: how it was made, whether it differs, was sent, was seen to change; and whether it was never equal.
LINKS = {
    "matched, differs": ("matched", True, None, False, True),
    "matched, equal": ("matched", False, None, False, False),
    "matched, differs after a push": ("matched", True, NOW, False, False),
    "matched, seen to change": ("matched", True, None, True, False),
    "added, differs": ("added", True, None, False, False),
}


def test_links_that_differ_are_told_apart(blank_url: str) -> None:
    upgrade(blank_url, "0005")
    engine = create_engine(blank_url, poolclass=NullPool)
    business, links = uuid4().hex, {name: uuid4().hex for name in LINKS}
    with engine.begin() as connection:
        new = {"business": business, "now": NOW, "tenant": uuid4().hex}
        connection.execute(text("INSERT INTO business (id, name, created_at) VALUES (:business, 'Kowhai', :now)"), new)
        for name, (made, differs, sent, seen, _) in LINKS.items():
            ids = new | {"link": links[name], "contact": links[name] if made == "added" else uuid4().hex}
            connection.execute(text(CONTACT), ids)
            connection.execute(text(LINK), ids | {"xero": uuid4().hex, "differs": differs, "sent": sent})
            if seen:
                connection.execute(text(CHANGED), ids)
    upgrade(blank_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, differs_since_linked FROM link")).all()
    told = {str(link).replace("-", ""): bool(since_linked) for link, since_linked in found}
    assert {name: told[link] for name, link in links.items()} == {name: facts[-1] for name, facts in LINKS.items()}
