"""Two people, or one double click, at the same moment: two real sessions, each in its own thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from posxero.db.contact import Contact
from posxero.domain.kinds import ContactKind
from posxero.services.contacts import contacts, creation
from posxero.services.contacts.conflicts import Conflict
from posxero.services.contacts.rules import CodeTaken, InvalidContact
from posxero.services.contacts.submissions import ContactSubmission
from tests.support import factories
from tests.support.fakes import RecordingQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WRITERS = 4


def together(make_session: Callable[[], Session], act: Callable[[Session, int], Any]) -> list[Any]:
    """Let several sessions act at once; return what each came to, an error of ours too."""
    start = Barrier(WRITERS)
    sessions = [make_session() for _ in range(WRITERS)]

    def one(number: int) -> Any:
        start.wait(10)
        try:
            return act(sessions[number], number)
        except (Conflict, InvalidContact) as refusal:
            return type(refusal)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


def test_a_double_click_adds_one_contact(
    make_session: Callable[[], Session], session: Session, business: Business
) -> None:
    form = ContactSubmission(values={"name": "Ann Smith", "customer_code": "A1"}, idempotency_key="t")
    ids = together(
        make_session,
        lambda own, _: creation.create(own, business, form, kind=ContactKind.CUSTOMER, by="Sam", now=NOW).id,
    )
    assert len(set(ids)) == 1
    assert session.scalar(select(func.count()).select_from(Contact)) == 1


def test_a_code_is_given_once(make_session: Callable[[], Session], session: Session, business: Business) -> None:
    results = together(
        make_session,
        lambda own, number: (
            creation.create(
                own,
                business,
                ContactSubmission(values={"name": f"Ann {number}", "customer_code": "A1"}),
                kind=ContactKind.CUSTOMER,
                by="Sam",
                now=NOW,
            ).id
        ),
    )
    assert results.count(CodeTaken) == WRITERS - 1
    assert session.scalar(select(func.count()).select_from(Contact)) == 1


def test_of_several_saves_of_one_version_one_wins(
    make_session: Callable[[], Session], session: Session, business: Business
) -> None:
    ann = factories.add_contact(session, business)
    results = together(
        make_session,
        lambda own, number: (
            contacts.save(
                own,
                business,
                ann.id,
                ContactSubmission(values={"phone": f"021 555 000{number}"}, seen=1),
                by="Sam",
                now=NOW,
                jobs=RecordingQueue(),
            ).contact.phone
        ),
    )
    assert results.count(Conflict) == WRITERS - 1
    session.refresh(ann)
    assert (ann.version, ann.revision) == (2, 2)
    assert ann.phone in results
