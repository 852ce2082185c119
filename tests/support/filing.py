"""Files of customers, and a worker that imports them turn by turn."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain import csv_columns
from posxero.domain.enums import Phase
from posxero.domain.import_choices import OnMatch
from posxero.domain.kinds import ContactKind
from posxero.services.accounts.security_log import Actor
from posxero.services.contacts.csv_files import export
from posxero.services.contacts.search.results import ListQuery
from posxero.services.imports.files import uploads
from posxero.services.imports.queries import get
from posxero.services.imports.run import run_slice
from posxero.services.imports.start import FileChoice, Scope, start
from posxero.services.sync_status.connection_status import ConnectionStatus
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.import_file import ImportFile
    from posxero.settings import Settings
    from posxero.xero.ports import XeroPorts

MANA = Actor(name="Mana")
LIMIT = 40  # megabytes


@dataclass
class OnlySettings:
    """The ports of a worker that asks Xero nothing."""

    settings: Settings


@dataclass
class FileImporter:
    """Imports files into one shop. `later` moves the database's clock."""

    session: Session
    business: Business
    settings: Settings
    later: timedelta = timedelta()

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.later

    def upload(self, content: str | bytes, name: str = "customers.csv") -> ImportFile:
        stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
        return uploads.store(self.session, self.business.id, stream, name, limit=LIMIT, by="Mana", now=self.clock())

    def start(
        self,
        content: str | bytes,
        on_match: OnMatch = OnMatch.KEEP,
        *,
        columns: Sequence[str] = (),
        is_preview: bool = False,
    ) -> Import:
        file = self.upload(content)
        choice = FileChoice(file.id, columns or csv_columns.guess(file.headings), on_match)
        return self.begin(Scope(is_preview=is_preview, file=choice))

    def begin(self, scope: Scope) -> Import:
        jobs, now = RecordingQueue(), self.clock()
        return start(self.session, jobs, self.business.id, with_suppliers=False, by=MANA, now=now, scope=scope)

    def turn(self, run: Import) -> Import:
        ports = cast("XeroPorts", OnlySettings(self.settings))
        run_slice(self.session, run.business_id, run.id, ports=ports, jobs=RecordingQueue(), clock=self.clock)
        return get(self.session, run.business_id, run.id)

    def finish(self, run: Import) -> Import:
        """Take turns until the import is over, or waits for a person."""
        for _ in range(200):
            run = self.turn(run)
            if run.phase.is_over or run.phase is Phase.REVIEW:
                return run
        raise AssertionError(f"still {run.phase}")

    def load(self, content: str | bytes, on_match: OnMatch = OnMatch.KEEP) -> Import:
        """Import a file to its end."""
        return self.finish(self.start(content, on_match))

    def export(self) -> str:
        asked, status = ListQuery(ContactKind.CUSTOMER), ConnectionStatus(None)
        return "".join(export.csv_lines(self.session, self.business.id, asked, status, now=self.clock()))

    def contacts(self) -> list[Contact]:
        query = select(Contact).where(Contact.business_id == self.business.id).order_by(Contact.id)
        return [*self.session.scalars(query.execution_options(populate_existing=True))]

    def rows(self, run: Import) -> dict[int, ImportRow]:
        """Return the rows of an import by their numbers."""
        query = select(ImportRow).where(ImportRow.import_id == run.id).execution_options(populate_existing=True)
        return {row.xero_id.int: row for row in self.session.scalars(query)}

    def named(self, name: str) -> UUID:
        return next(contact.id for contact in self.contacts() if contact.name == name)
