"""Connecting, disconnecting and losing Xero stand in Sync activity, with who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.domain.enums import ActivityKind
from posxero.services.xero_connection import access

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.connection import Connection
    from tests.support.browser import Browser

DONE = "/sync?state=done"


def test_connecting_and_disconnecting_are_listed_with_who_did_it(olive: Browser, connection: Connection) -> None:
    page = olive.get(DONE).text
    assert "Connected to Xero" in page
    assert connection.name in page
    assert "Disconnected from Xero" not in page
    olive.submit("/settings/xero/disconnect")
    page = olive.get(DONE).text
    assert page.index("Disconnected from Xero") < page.index("Connected to Xero")
    assert " by Olive</td>" in page
    assert "Disconnected from Xero" in olive.get(f"{DONE}&kind=connection&person=Olive").text
    assert "Disconnected from Xero" not in olive.get(f"{DONE}&person=Sam").text
    assert "Disconnected from Xero" not in olive.get(f"{DONE}&kind=contact").text


def test_a_lost_connection_is_listed_once_with_the_reason(
    olive: Browser, session: Session, connection: Connection
) -> None:
    reason = "Xero says this app was disconnected."
    for _ in range(2):
        access.mark_connection_lost(session, connection, reason, grant_id=connection.grant_id)
    lost = session.scalars(select(Activity).where(Activity.kind == ActivityKind.CONNECTION_LOST)).all()
    assert [(entry.note, entry.actor) for entry in lost] == [(f"{connection.name}. {reason}", "")]
    page = olive.get(DONE).text
    assert "Connection to Xero lost" in page
    assert reason in page
