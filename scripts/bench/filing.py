"""How many rows a second the import of a CSV file reads and stages, and whether its memory stays flat."""

from __future__ import annotations

import io
import tracemalloc
from typing import TYPE_CHECKING

from posxero.domain import csv_cells, csv_columns
from posxero.services.imports.files.adding import add_all
from posxero.services.imports.files.matching import match_all
from posxero.services.imports.files.reading import read_file
from posxero.services.imports.lease import ImportLease
from scripts.bench.measures import US, Spent, spent, table
from scripts.bench.shops import DATABASES
from tests.support.filing import FileImporter

if TYPE_CHECKING:
    from scripts.bench.shops import Shop, Shops


def measure(shops: Shops, size: int) -> None:
    """Print a table."""
    content = _file(size)
    rows = []
    for kind in DATABASES:
        upload, stage, rest, peak = _import(shops, kind, content, size)
        rows.append((f"check and keep the file in {kind}", upload, ""))
        rows.append((f"read and stage into {kind}", stage, f"{peak / 1e6:.1f}"))
        rows.append((f"match and add in {kind}", rest, ""))
    table(
        (f"CSV file of {size:,} rows, {len(content) / 1e6:.0f} MB", "rows/s", "our CPU µs each", "peak MB allocated"),
        [(name, f"{size / took.wall:,.0f}", f"{took.cpu / size * US:.0f}", peak) for name, took, peak in rows],
    )


def _file(size: int) -> bytes:
    written = io.StringIO(newline="")
    written.write(csv_cells.line(csv_columns.HEADINGS))
    for number in range(size):
        given = {
            "name": f"Customer {number}",
            "email": f"c{number}@shop.example",
            "mobile": f"021 {number:07}",
            "street_line1": f"{number} Queen Street",
            "street_city": "Auckland",
            "street_postcode": "1010",
            "customer_code": f"{number:06}",
            "notes": "=likes tea,\nand coffee",
        }
        written.write(csv_cells.line([given.get(key, "") for key in csv_columns.KEYS]))
    return written.getvalue().encode()


def _import(shops: Shops, kind: str, content: bytes, size: int) -> tuple[Spent, Spent, Spent, int]:
    """Import the file in this process; then read and stage it once more with every allocation counted."""
    with shops.open(kind) as shop:
        with spent() as upload:
            filer, lease = _begin(shop, content)
        with spent() as stage:
            read_file(lease)
        with spent() as rest:
            match_all(lease)
            add_all(lease)
        added = len(filer.contacts())
        if added != size:
            raise RuntimeError(f"{added} of {size} added")
    with shops.open(kind) as shop:
        _, lease = _begin(shop, content)
        tracemalloc.start()
        read_file(lease)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return upload, stage, rest, peak


def _begin(shop: Shop, content: bytes) -> tuple[FileImporter, ImportLease]:
    """Upload the file, start its import, and take it as a worker does that has all the time it wants."""
    settings = shop.settings(POSXERO_SLICE_SECONDS="100000", POSXERO_LEASE_SECONDS="100000")
    filer = FileImporter(shop.session, shop.business, settings)
    run = filer.start(content)
    lease = ImportLease.claim(shop.session, shop.business.id, run.id, settings.timings, filer.clock)
    if lease is None:
        raise RuntimeError("somebody else has it")
    return filer, lease
