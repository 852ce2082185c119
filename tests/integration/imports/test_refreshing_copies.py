"""An import shows what Xero has now of contacts that are linked already, and changes none of ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from posxero.db.contact import Link
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState, Phase
from posxero.services.imports import reading
from posxero.services.imports.staging import stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.import_ import Import
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


@pytest.fixture
def linked(importer: Importer) -> Importer:
    """The shop, after its first import."""
    assert importer.finish(importer.start()).phase is Phase.FINISHED
    importer.later += timedelta(minutes=10)
    return importer


def some(importer: Importer) -> str:
    """Return the Xero contact of one link."""
    return str(importer.session.scalars(select(Link.xero_id).order_by(Link.xero_id)).first())


def link_of(importer: Importer, xero_id: str) -> Link:
    found = select(Link).where(Link.xero_id == UUID(xero_id)).execution_options(populate_existing=True)
    link = importer.session.scalars(found).one()
    importer.session.commit()
    return link


def change(importer: Importer, xero_id: str, **values: Any) -> None:
    """Change a link beneath the import's feet."""
    importer.session.execute(update(Link).where(Link.xero_id == UUID(xero_id)).values(**values))
    importer.session.commit()


def again(importer: Importer) -> Import:
    run = importer.finish(importer.start())
    assert run.phase is Phase.FINISHED
    return run


def name_of(link: Link) -> str:
    return XeroCopy.from_json(link.copy).values["name"]


def test_a_change_in_xero_shows_as_a_difference_and_changes_nothing_here(
    linked: Importer, xero: PracticeServer
) -> None:
    theirs = some(linked)
    before, contact = link_of(linked, theirs), linked.contact(theirs)
    ours = (contact.name, contact.version, contact.revision, before.sent_revision, before.owed_revision)
    xero.edit(theirs, Name="Renamed in Xero")
    run = again(linked)
    after, contact = link_of(linked, theirs), linked.contact(theirs)
    assert (name_of(after), after.differs, after.verify_due) == ("Renamed in Xero", True, False)
    assert (contact.name, contact.version, contact.revision, after.sent_revision, after.owed_revision) == ours
    assert after.copied_at is not None
    assert after.copied_at > run.started_at - timedelta(seconds=1)
    xero.edit(theirs, Name=contact.name)
    again(linked)
    assert (name_of(link_of(linked, theirs)), link_of(linked, theirs).differs) == (contact.name, False)


def test_what_is_archived_in_xero_only_shows_in_the_copy(linked: Importer, xero: PracticeServer) -> None:
    theirs = some(linked)
    xero.edit(theirs, ContactStatus="ARCHIVED")
    again(linked)
    link = link_of(linked, theirs)
    assert (XeroCopy.from_json(link.copy).status, link.state, link.differs) == ("ARCHIVED", LinkState.ACTIVE, False)


@pytest.mark.parametrize("way", ["owed", "verify", "leased"])
def test_a_link_that_is_being_pushed_is_left_alone(linked: Importer, xero: PracticeServer, way: str) -> None:
    theirs = some(linked)
    values: dict[str, dict[str, Any]] = {
        "owed": {"owed_revision": 2},
        "verify": {"verify_due": True},
        "leased": {"lease_token": uuid4(), "lease_until": linked.clock() + timedelta(minutes=1)},
    }
    change(linked, theirs, **values[way])
    before = link_of(linked, theirs)
    copy, copied_at = before.copy, before.copied_at
    xero.edit(theirs, Name="Renamed in Xero")
    again(linked)
    after = link_of(linked, theirs)
    assert (after.copy, after.copied_at, after.differs) == (copy, copied_at, False)


def test_a_lease_that_ran_out_does_not_keep_the_copy_old(linked: Importer, xero: PracticeServer) -> None:
    theirs = some(linked)
    change(linked, theirs, lease_token=uuid4(), lease_until=linked.clock() - timedelta(minutes=1))
    xero.edit(theirs, Name="Renamed in Xero")
    again(linked)
    assert link_of(linked, theirs).differs


@pytest.mark.parametrize("stamped", [True, False])
def test_a_page_that_was_read_before_our_own_write_was_answered_replaces_nothing(
    linked: Importer,
    monkeypatch: pytest.MonkeyPatch,
    stamped: bool,  # noqa: FBT001 - of a parameter
) -> None:
    """The write is answered after the page left Xero, before it is stored: Xero's stamps tell, or else our clock."""
    theirs = some(linked)
    written = dict(link_of(linked, theirs).copy)
    stamp = (linked.clock() + timedelta(hours=1)).isoformat(timespec="milliseconds") if stamped else ""
    written |= {"values": written["values"] | {"name": "What we wrote"}, "updated_at": stamp}

    def staging(session: Session, *args: Any, **named: Any) -> int:
        at = linked.clock() - timedelta(days=30) if stamped else linked.clock()
        answered = update(Link).where(Link.xero_id == UUID(theirs)).values(copy=written, copied_at=at)
        session.execute(answered.execution_options(synchronize_session=False))
        return stage(session, *args, **named)

    monkeypatch.setattr(reading, "stage", staging)
    again(linked)
    assert name_of(link_of(linked, theirs)) == "What we wrote"


def test_the_number_of_statements_does_not_grow_with_the_contacts(
    linked: Importer, xero: PracticeServer, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """Every link is read at once and written at once, a page."""
    counts = []
    for several in (1, 40):
        for held in xero.contacts()[:several]:
            xero.edit(held["ContactID"], FirstName=f"Changed {several}")
        run = linked.start()
        with count_statements() as statements:
            linked.finish(run)
        counts.append(len([text for text in statements if "link" in text and "copied_at" in text]))
    assert counts[0] == counts[1] <= 4  # one to look and one to write, in each of the two passes


def test_another_business_and_another_organisation_keep_their_copies(linked: Importer, xero: PracticeServer) -> None:
    theirs = some(linked)
    change(linked, theirs, tenant_id=uuid4())
    before = link_of(linked, theirs).copy
    xero.edit(theirs, Name="Renamed in Xero")
    linked.finish(linked.start())
    other = linked.session.scalars(select(Link).where(Link.xero_id == UUID(theirs))).all()
    assert before in [link.copy for link in other]
