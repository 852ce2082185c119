"""Calls to Xero for a connection, and the access tokens that they use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from posxero.db.base import database_time
from posxero.db.connection import Connection, Grant
from posxero.db.engine import writing
from posxero.services.xero_connection import access

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.ports import Ports
    from posxero.xero.client import XeroClient


def ask_name(session: Session, connection: Connection, ports: Ports) -> str | None:
    """Ask Xero for the organisation's name."""
    now = database_time(session)
    session.commit()
    return access.call(session, connection, ports, _name, now=now)


def expire(session: Session, *, after: timedelta = timedelta(0)) -> None:
    """Let the access tokens expire after so long."""
    with writing(session):
        session.execute(update(Grant).values(expires_at=database_time(session) + after))


def grant_of(session: Session) -> Grant:
    """Read the only grant again."""
    session.expire_all()
    return session.scalars(select(Grant)).one()


def _name(client: XeroClient) -> str | None:
    return client.organisation().name
