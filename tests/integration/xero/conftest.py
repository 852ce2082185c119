"""The app, told that Xero is Practice Xero."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from posxero.services.xero_connection import connections
from posxero.settings import Settings
from posxero.xero.limits import Limits
from tests.support import consenting
from tests.support.practice_server import PracticeServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.ports import Ports
    from tests.support.browser import Browser

HURRY = {"POSXERO_XERO_MINUTE_LIMIT": "10000", "POSXERO_XERO_CONCURRENT_LIMIT": "50"}


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeServer]:
    """Practice Xero with a few contacts, in no hurry about its limits."""
    server = PracticeServer(tmp_path / "practice.db", contacts=5, minute_limit=10_000, concurrent_limit=50)
    yield server
    server.stop()


@pytest.fixture
def ports(
    app: Flask, practice: PracticeServer, environment: dict[str, str], database_url: str, redis_url: str
) -> Iterator[Ports]:
    """What the app reaches Xero with."""
    addresses = {"POSXERO_DATABASE_URL": database_url, "POSXERO_REDIS_URL": redis_url}
    settings = Settings.from_env({**environment, **addresses, **HURRY, **practice.environment()})
    before: Ports = app.extensions["posxero"]
    after = dataclasses.replace(before, settings=settings, limits=Limits.connect(settings))
    app.extensions["posxero"] = after
    yield after
    app.extensions["posxero"] = before


@pytest.fixture
def olive(ports: Ports, sign_in: Callable[[User], Browser], owner: User) -> Browser:  # noqa: ARG001
    """The owner's."""
    return sign_in(owner)


@pytest.fixture
def connection(olive: Browser, practice: PracticeServer, session: Session, business: Business) -> Connection:
    """The connection of the shop, made by its owner; the calls of that are forgotten."""
    consenting.connect(olive, practice)
    session.commit()
    found = connections.current(session, business.id)
    assert found is not None
    session.commit()
    practice.clear_calls()
    return found
