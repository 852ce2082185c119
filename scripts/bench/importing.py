"""How many contacts a second an import takes in, beside what nobody can do without and what the official SDK does."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx2
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token

from posxero.domain.enums import Phase
from posxero.xero.decoding import decode
from posxero.xero.shapes import Contact, Contacts
from scripts.bench.measures import US, Spent, spent, table
from scripts.bench.shops import DATABASES
from scripts.bench.stand_in import PAGE_SIZE, standing_in
from tests.support import factories, importing
from tests.support.fakes import open_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posxero.db.import_ import Import
    from scripts.bench.shops import Shops
    from scripts.bench.stand_in import StandIn

MAX_SLICES = 1000
ANSWER_SECONDS = 1.5  # of a page of 1,000 contacts
COLUMNS = ("contact_id", "name", "first_name", "last_name", "email_address", "tax_number")


def measure(shops: Shops, size: int) -> None:
    """Print a table."""
    with standing_in(size) as xero:
        rows = [
            ("floor: HTTP and decode, not stored", _decoded(xero, size)),
            ("floor: 6 of 30 columns into SQLite", _stored(_read(xero, size))),
            ("official SDK, the same into SQLite", _stored(_sdk(xero, size))),
            *((f"import into {kind}", _import(shops, kind, xero, size)) for kind in DATABASES),
        ]
    table(
        (f"import of {size:,}", "contacts/s", "our CPU µs each"),
        [(name, f"{size / took.wall:,.0f}", f"{took.cpu / size * US:.0f}") for name, took in rows],
    )


def measure_waiting(shops: Shops, size: int) -> None:
    """Print how long an import takes where each of Xero's answers takes as long as it does in practice.

    The changes since the walk began can only be asked for once all its pages are stored: that call comes on top.
    """
    pages = -(-size // PAGE_SIZE)
    floor = -(-pages // 3) * ANSWER_SECONDS
    least = (1 + -(-(pages - 1) // 3) + 1) * ANSWER_SECONDS  # page 1 tells how many there are; changes come last
    with standing_in(size, ANSWER_SECONDS) as xero:
        rows = [(f"import into {kind}", _import(shops, kind, xero, size)) for kind in DATABASES]
    table(
        (f"import of {size:,}, answers of {ANSWER_SECONDS} s", "s", "of the floor", "our CPU s"),
        [
            ("floor: 3 pages at once", f"{floor:.1f}", "1.00", ""),
            ("the same, with page 1 before and changes after", f"{least:.1f}", f"{least / floor:.2f}", ""),
            *((name, f"{took.wall:.1f}", f"{took.wall / floor:.2f}", f"{took.cpu:.1f}") for name, took in rows),
        ],
    )


def _import(shops: Shops, kind: str, xero: StandIn, size: int) -> Spent:
    """Import in this process: read, stage, match, add, searchable."""
    with shops.open(kind) as shop:
        ports, hints = open_ports(shop.settings(**xero.environment()))
        factories.add_practice_connection(shop.session, shop.business, xero, ports.vault)
        importer = importing.Importer(shop.session, shop.business, ports, hints)
        run = importer.start(with_suppliers=True)
        with spent() as took:
            _finish(importer, run)
        if run.phase is not Phase.FINISHED or run.read != size:
            raise RuntimeError(f"{run.phase}: {run.read} of {size} read. {run.error}{run.paused_reason}")
        ports.http.close()
    return took


def _finish(importer: importing.Importer, run: Import) -> None:
    for _ in range(MAX_SLICES):
        if importer.turn(run).phase.is_over or run.paused_until is not None:
            return


def _decoded(xero: StandIn, size: int) -> Spent:
    with spent() as took:
        for _ in _read(xero, size):
            pass
    return took


def _read(xero: StandIn, size: int) -> Iterator[list[Contact]]:
    with httpx2.Client() as http:
        for number in range(1, -(-size // PAGE_SIZE) + 1):
            body = http.get(f"{xero.url}/api.xro/2.0/Contacts", params={"page": number}).content
            yield decode(body, Contacts).contacts or []


def _sdk(xero: StandIn, size: int) -> Iterator[list[Any]]:
    token = {
        "access_token": "any",
        "refresh_token": "any",
        "expires_in": 1800,
        "token_type": "Bearer",
        "scope": [],
        "expires_at": 9e9,
        "id_token": None,
    }
    client = ApiClient(Configuration(oauth2_token=OAuth2Token("id", "secret")), oauth2_token_getter=lambda: token)
    accounting = AccountingApi(client, base_url=f"{xero.url}/api.xro/2.0")
    for number in range(1, -(-size // PAGE_SIZE) + 1):
        yield accounting.get_contacts(xero.tenant, page=number, page_size=PAGE_SIZE).contacts


def _stored(pages: Iterator[list[Any]]) -> Spent:
    """Store some attributes of each contact in a bare table, a transaction a page."""
    with TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "floor.db") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(f"CREATE TABLE contact ({', '.join(COLUMNS)}, PRIMARY KEY (contact_id)) WITHOUT ROWID")
        insert = f"INSERT INTO contact VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - no value is in it
        with spent() as took:
            for page in pages:
                database.executemany(insert, [[str(getattr(one, name) or "") for name in COLUMNS] for one in page])
                database.commit()
    return took
