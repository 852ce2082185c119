"""The tokens of one business are never used for another, whatever the rows say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from posxero.db.base import database_time, new_id
from posxero.db.connection import Connection, Grant
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import grant_cleanup, grant_upkeep
from posxero.xero.errors import ConsentLost
from tests.support.calling import ask_name, expire

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.ports import Ports
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer


@pytest.fixture
def stolen(session: Session, connection: Connection, other_business: Business, practice: PracticeServer) -> Connection:
    """A connection of another business that points at the shop's grant."""
    row = Connection(
        business_id=other_business.id,
        id=new_id(),
        tenant_id=uuid4(),
        xero_connection_id=str(uuid4()),
        name="Rata Books Ltd",
        state=ConnectionState.CONNECTED,
        grant_id=connection.grant_id,
        connected_at=datetime.now(UTC),
        connected_by="Nora",
    )
    session.add(row)
    session.commit()
    practice.clear_calls()
    return row


def test_a_grant_of_another_business_makes_no_call_and_asks_to_reconnect(
    session: Session,
    ports: Ports,
    connection: Connection,
    stolen: Connection,
    practice: PracticeServer,
    stranger: User,
    sign_in: Callable[[User], Browser],
    capsys: pytest.CaptureFixture[str],
) -> None:
    expire(session)
    capsys.readouterr()
    with pytest.raises(ConsentLost, match="another business"):
        ask_name(session, stolen, ports)
    assert practice.calls() == []
    assert "grant.not_opened" in "".join(capsys.readouterr())
    session.expire_all()
    assert (stolen.state, connection.state) == (ConnectionState.LOST, ConnectionState.CONNECTED)
    session.commit()
    assert "belongs to another business" in sign_in(stranger).get("/settings/xero").text
    assert ask_name(session, connection, ports) == practice.organisations[0].name


def test_leaving_does_not_use_the_tokens_of_another_business(
    session: Session, ports: Ports, connection: Connection, stolen: Connection, practice: PracticeServer
) -> None:
    stolen.state = ConnectionState.ENDED
    session.commit()
    assert connection.grant_id is not None
    grant_cleanup.release_ended(session, connection.grant_id, ports, now=database_time(session))
    assert practice.calls() == []
    session.expire_all()
    assert stolen.grant_id is None
    session.commit()
    assert ask_name(session, connection, ports) == practice.organisations[0].name


@pytest.mark.parametrize("by", ["call", "keep_alive"])
def test_tokens_sealed_before_are_sealed_anew_with_their_business(
    session: Session, ports: Ports, connection: Connection, by: str
) -> None:
    grant = session.scalars(select(Grant)).one()
    seal_as_before(session, ports, grant)
    assert opened_by(session, ports) is None
    assert ask_name(session, connection, ports)
    now = database_time(session)
    session.commit()
    if by == "call":
        expire(session)
        ask_name(session, connection, ports)
    else:
        grant_upkeep.keep_alive(session, grant.id, ports, now=now + timedelta(days=21))
    assert opened_by(session, ports) == connection.business_id


def seal_as_before(session: Session, ports: Ports, grant: Grant) -> None:
    """Seal the tokens as the first version did, without the business."""
    tokens = ports.vault.open(grant.id, grant.tokens).tokens
    text = json.dumps({"grant": str(grant.id), "access": tokens.access, "refresh": tokens.refresh})
    grant.tokens = Fernet(ports.settings.token_keys[0]).encrypt(text.encode())
    session.commit()


def opened_by(session: Session, ports: Ports) -> UUID | None:
    session.expire_all()
    grant = session.scalars(select(Grant)).one()
    session.commit()
    return ports.vault.open(grant.id, grant.tokens).business_id
