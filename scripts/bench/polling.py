"""What a poll costs where every contact was changed in Xero: memory, transactions, and what a person waits meanwhile.

The poll runs in a process of its own, as a worker's does, whose memory the operating system tells.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.engine import prepare
from posxero.domain.columns import values_of
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import Phase
from posxero.parent_death import die_with_parent
from posxero.services.drift import passes, schedule
from posxero.settings import Settings
from scripts.bench.measures import Spent, share, spent, table
from scripts.bench.shops import DATABASES, be_quiet, browser_of
from scripts.bench.stand_in import standing_in
from tests.support import factories, importing
from tests.support.fakes import open_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.bench.shops import Shop, Shops

SIZES = (1_000, 100_000)  # contacts, all of them changed
SAVE_INTERVAL = 0.05  # seconds between two saves
SAVES_ALONE = 40
MAX_SLICES = 1000
KIB_PER_MB = 1024


def measure(shops: Shops) -> None:
    """Print a table: one poll of each size, while a person saves again and again."""
    rows = [(f"{kind}: {size:,} changed", *_row(shops, kind, size)) for kind in DATABASES for size in SIZES]
    head = ("a poll", "contacts/s", "peak MB", "over its start", "statements", "commits", "save alone", "meanwhile, ms")
    table(head, rows)


def _row(shops: Shops, kind: str, size: int) -> tuple[str, ...]:
    with shops.open(kind) as shop:
        _import_all(shop, size)
        with standing_in(size, is_changed=True) as xero:
            saving = _Saver(shop, xero.environment())
            alone = [saving.save() for _ in range(SAVES_ALONE)]
            meanwhile = list[Spent]()
            with _polling(shop, xero.environment()) as poll:
                while poll.poll() is None:
                    meanwhile.append(saving.save())
                    time.sleep(SAVE_INTERVAL)
                told = json.loads(poll.communicate()[0])
        counts = select(func.count(), func.count().filter(Link.differs)).select_from(Link)
        linked, changed = shop.session.execute(counts).one()
        shop.session.commit()
    if changed < linked - 1:  # the one that was saved meanwhile is left to its push
        raise RuntimeError(f"{changed} of {linked} were seen to differ")
    return (
        f"{size / told['seconds']:,.0f}",
        f"{told['peak']:.1f}",
        f"{told['peak'] - told['start']:.1f}",
        f"{told['statements']:,}",
        f"{told['commits']:,}",
        _percentiles(alone),
        _percentiles(meanwhile),
    )


def _import_all(shop: Shop, size: int) -> None:
    """Import what the stand-in holds, suppliers too."""
    with standing_in(size) as xero:
        ports, hints = open_ports(shop.settings(**xero.environment()))
        factories.add_practice_connection(shop.session, shop.business, xero, ports.vault)
        importer = importing.Importer(shop.session, shop.business, ports, hints)
        run = importer.start(with_suppliers=True)
        for _ in range(MAX_SLICES):
            if importer.turn(run).phase.is_over:
                break
        ports.http.close()
    if run.phase is not Phase.FINISHED:
        raise RuntimeError(f"{run.phase}: {run.error}{run.paused_reason}")


class _Saver:
    """A person who changes one customer again and again."""

    def __init__(self, shop: Shop, environment: dict[str, str]) -> None:
        self.browser = browser_of(shop, **environment)
        self.contact = shop.session.scalars(select(Contact).order_by(Contact.id).limit(1)).one()
        self.version = self.contact.version
        shop.session.commit()

    def save(self) -> Spent:
        """Save, and return how long the answer took."""
        fields = values_of(self.contact) | {"first_name": f"Ann {self.version}", "version": str(self.version)}
        self.browser.token()
        began = time.perf_counter()
        answer = self.browser.submit(f"/customers/{self.contact.id}/edit", fields)
        taken = Spent(time.perf_counter() - began)
        if answer.status_code != 303:  # noqa: PLR2004 - saved
            raise RuntimeError(answer.get_data(as_text=True))
        self.version += 1
        return taken


def _percentiles(taken: list[Spent]) -> str:
    """Write p50 and p99 in milliseconds."""
    return " / ".join(f"{share([one.wall for one in taken], part) * 1000:.0f}" for part in (0.5, 0.99))


@contextmanager
def _polling(shop: Shop, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "scripts.bench.polling", str(shop.business.id)],
        env={**os.environ, **shop.environment, **environment},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - no thread holds a lock across it
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def main(business_id: UUID) -> None:
    """Poll until the pass is over, and print what it cost."""
    be_quiet()
    settings = Settings.from_env(os.environ)
    ports, _ = open_ports(settings)
    engine = create_engine(settings.database_url)
    prepare(engine)
    told: dict[str, Any] = {"statements": 0, "commits": 0}

    def count(what: str) -> None:
        told[what] += 1

    with Session(engine, expire_on_commit=False) as session:
        schedule.create_missing(session, settings.timings, now=datetime.now(UTC))
        if not schedule.claim(session, business_id, DriftKind.POLL, settings.timings, now=datetime.now(UTC)):
            raise RuntimeError("the poll could not be claimed")
        event.listen(engine, "before_cursor_execute", lambda *_: count("statements"))
        event.listen(engine, "commit", lambda *_: count("commits"))
        told["start"] = _peak_memory()
        with spent() as took:
            while passes.run(session, business_id, DriftKind.POLL, ports):
                pass
    print(json.dumps({**told, "peak": _peak_memory(), "seconds": took.wall}))


def _peak_memory() -> float:
    """Return the most that this process has held, in MB; `ru_maxrss` would count what it was started from."""
    line = next(line for line in Path("/proc/self/status").read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / KIB_PER_MB


if __name__ == "__main__":
    main(UUID(sys.argv[1]))
