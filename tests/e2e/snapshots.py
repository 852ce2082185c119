"""What an import of all customers leaves here and in Practice Xero, copied, so that many tests begin with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from posxero.db.connection import Grant
from posxero.db.engine import writing
from posxero.db.models import Base
from posxero.xero.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.live import LiveShop

MAX_AGE = timedelta(minutes=10)  # the access token in it is good for 30
NOT_COPIED = {"business", "heartbeat"}  # the test has its own business; the running processes write their heartbeats
TABLES = [table.name for table in Base.metadata.sorted_tables if table.name not in NOT_COPIED]


@dataclass(frozen=True)
class Snapshot:
    """The rows of one business, as SQLite holds them, and a copy of the file of Practice Xero."""

    business: object
    rows: dict[str, list[tuple[Any, ...]]]
    practice: Path
    taken_at: datetime

    @classmethod
    def of(cls, shop: LiveShop, practice: Path) -> Snapshot:
        """Copy a shop that has no people yet."""
        read = shop.session.connection().exec_driver_sql
        rows = {name: [tuple(row) for row in read(f'SELECT * FROM "{name}"')] for name in TABLES}  # noqa: S608
        business = _business(shop)
        shop.session.rollback()
        _copy(shop.xero.path, practice)
        return cls(business, {name: found for name, found in rows.items() if found}, practice, datetime.now(UTC))

    def is_fresh(self) -> bool:
        return datetime.now(UTC) - self.taken_at < MAX_AGE

    def restore(self, shop: LiveShop) -> None:
        """Move the rows to another business, so that a job of the first one finds nothing to do."""
        _copy(self.practice, shop.xero.path)
        with writing(shop.session):
            business, write = _business(shop), shop.session.connection().exec_driver_sql
            for name, rows in self.rows.items():
                places = ", ".join("?" * len(rows[0]))
                owned = [tuple(business if value == self.business else value for value in row) for row in rows]
                write(f'INSERT INTO "{name}" VALUES ({places})', owned)  # noqa: S608
            vault = Vault(shop.premises.settings.token_keys)
            for grant in shop.session.scalars(select(Grant)):  # its tokens are sealed for the business
                tokens = vault.open(grant.id, grant.tokens).tokens
                grant.tokens = vault.seal(grant.id, tokens, business_id=shop.business.id)


def _business(shop: LiveShop) -> object:
    """Return the id of the only business, as SQLite holds it."""
    return shop.session.connection().exec_driver_sql("SELECT id FROM business").scalar_one()


def _copy(source: Path, target: Path) -> None:
    """Copy a file of Practice Xero, which may be open."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)


@dataclass
class Snapshots:
    """A snapshot for each number of contacts, and the files with which Practice Xero begins."""

    folder: Path
    stocked: dict[int, Snapshot] = field(default_factory=dict)

    def stock(self, shop: LiveShop, contacts: int) -> None:
        """Import all customers, or do as if."""
        known = self.stocked.get(contacts)
        if known and known.is_fresh():
            known.restore(shop)
        else:
            shop.stock()
            self.stocked[contacts] = Snapshot.of(shop, self.folder / f"{contacts}-stocked.db")
