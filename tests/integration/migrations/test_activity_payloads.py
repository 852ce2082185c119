"""The migration that moves the values of the history into a table of their own."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.migrate import upgrade

pytestmark = pytest.mark.slow

NOW = "2026-11-01 09:30:00"
ENTRY = """INSERT INTO activity (business_id, id, at, kind, contact_id, actor, changes, note, raw)
    VALUES (:business, :id, :now, 'edited', :business, 'Sam', :changes, 'noted', :raw)"""
EDIT = '[["email", "", "ann@x.example"], ["street_city", "Napier", "Bluff"]]'
ENTRIES = {  # changes and raw before; changes, raw, field keys and whether there is a payload after
    "edit": ((EDIT, ""), ([["email", "", "ann@x.example"], ["street_city", "Napier", "Bluff"]], "", True)),
    "answer": (("[]", '{"Name": "Ann"}'), ([], '{"Name": "Ann"}', True)),
    "neither": (("[]", ""), ([], "", False)),
}
FIELD_KEYS = {"edit": " email street_city ", "answer": "", "neither": ""}


def test_every_entry_keeps_its_values(blank_url: str) -> None:
    upgrade(blank_url, "0015")
    engine = create_engine(blank_url, poolclass=NullPool)
    business, ids = uuid4(), {name: uuid4() for name in ENTRIES}
    with engine.begin() as connection:
        new = {"business": business.hex, "now": NOW}
        connection.execute(text("INSERT INTO business (id, name, created_at) VALUES (:business, 'Kowhai', :now)"), new)
        for name, ((changes, raw), _) in ENTRIES.items():
            connection.execute(text(ENTRY), new | {"id": ids[name].hex, "changes": changes, "raw": raw})
    upgrade(blank_url)
    with Session(engine) as session:
        found: dict[UUID, Activity] = {entry.id: entry for entry in session.scalars(select(Activity))}
    for name, (_, after) in ENTRIES.items():
        entry = found[ids[name]]
        assert (entry.changes, entry.raw, entry.payload is not None) == after, name
        assert (entry.field_keys, entry.note, entry.actor) == (FIELD_KEYS[name], "noted", "Sam")
