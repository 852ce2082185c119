"""Tills that are processes of their own. The first one imports this module, the others are its forks."""

from __future__ import annotations

from multiprocessing import get_context
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, configure_mappers
from sqlalchemy.pool import NullPool

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.engine import prepare
from tests.support import sales

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import URL

SALES = 3  # of each till
MAX_WAIT = 60  # seconds for all of them

configure_mappers()  # before the forks, not in each of them


def charge_in_processes(count: int, url: URL, contacts: Sequence[Contact]) -> list[int | None]:
    """Let tills charge a few sales each at the same moment, by turns to these customers; return how they ended."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    start, address = context.Barrier(count), url.render_as_string(hide_password=False)
    customers = [(str(one.business_id), str(one.id)) for one in contacts]
    chosen = [customers[number % len(customers)] for number in range(count)]
    tills = [context.Process(target=_charge, args=(address, *one, start)) for one in chosen]
    for till in tills:
        till.start()
    for till in tills:
        till.join(MAX_WAIT)
    return [till.exitcode for till in tills]


def _charge(address: str, business_id: str, contact_id: str, start: Any) -> None:
    engine = create_engine(address, poolclass=NullPool)
    prepare(engine)
    with Session(engine, expire_on_commit=False) as session:
        business = session.get_one(Business, UUID(business_id))
        contact = session.get_one(Contact, (business.id, UUID(contact_id)))
        session.commit()
        start.wait(MAX_WAIT)
        for _ in range(SALES):
            sales.charge(session, business, contact)
    engine.dispose()
