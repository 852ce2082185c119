"""What is done with Xero's data stands in the security log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from structlog.testing import capture_logs

from posxero.db.security import SecurityEvent
from posxero.domain.security_events import SecurityEventKind
from tests.support import consenting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer


def test_connecting_importing_downloading_and_disconnecting_are_recorded(
    olive: Browser, practice: PracticeServer, session: Session
) -> None:
    with capture_logs() as lines:
        consenting.connect(olive, practice)
        run = olive.submit("/imports/new", {"idempotency_key": "1"}).location
        assert olive.submit("/imports/new", {"idempotency_key": "1"}).location == run, "pressed twice, started once"
        assert olive.get(f"{run}/not-imported.csv").status_code == 200
        olive.submit("/settings/xero/disconnect")
    rows = session.scalars(select(SecurityEvent).order_by(SecurityEvent.at, SecurityEvent.id)).all()
    name = rows[0].subject
    assert [(row.kind, row.subject) for row in rows] == [
        (SecurityEventKind.CONNECTED, name),
        (SecurityEventKind.IMPORT_STARTED, name),
        (SecurityEventKind.EXPORTED, "Contacts not imported"),
        (SecurityEventKind.DISCONNECTED, name),
    ]
    assert {(row.actor, row.address) for row in rows} == {("Olive", "127.0.0.1")}
    written = [line["event"] for line in lines if line["event"].startswith("security.")]
    assert written == [f"security.{row.kind.value}" for row in rows]
