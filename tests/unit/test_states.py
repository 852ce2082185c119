from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from posxero.domain.enums import ConnectionState, LinkState, SyncState
from posxero.domain.states import ConnectionFacts, LinkFacts, badge, sync_state

NOW = datetime(2026, 5, 1, 10, 40, tzinfo=UTC)
OPEN = ConnectionFacts(ConnectionState.CONNECTED)
LOST = ConnectionFacts(ConnectionState.LOST)
LIMITED = ConnectionFacts(ConnectionState.CONNECTED, paused_until=NOW + timedelta(seconds=1))
OVER = ConnectionFacts(ConnectionState.CONNECTED, paused_until=NOW)


def link(state: LinkState = LinkState.ACTIVE, *, owed: bool = False, differs: bool = False) -> LinkFacts:
    return LinkFacts(state, owed, differs)


@pytest.mark.parametrize(
    ("facts", "connection", "state"),
    [
        (None, OPEN, SyncState.NONE),
        (link(), OPEN, SyncState.SYNCED),
        (link(), None, SyncState.SYNCED),
        (link(owed=True), OPEN, SyncState.WAITING),
        (link(owed=True), OVER, SyncState.WAITING),
        (link(owed=True, differs=True), OPEN, SyncState.WAITING),
        (link(owed=True), LIMITED, SyncState.PAUSED),
        (link(owed=True), LOST, SyncState.PAUSED),
        (link(owed=True), ConnectionFacts(ConnectionState.ENDED), SyncState.PAUSED),
        (link(owed=True), None, SyncState.PAUSED),
        (link(LinkState.PARKED, owed=True), OPEN, SyncState.FAILED),
        (link(LinkState.PARKED, owed=True, differs=True), LOST, SyncState.FAILED),
        (link(differs=True), LOST, SyncState.CHANGED),
        (link(LinkState.PARKED, differs=True), OPEN, SyncState.CHANGED),
        (link(LinkState.ARCHIVED, owed=True, differs=True), LOST, SyncState.GONE),
    ],
)
def test_the_badge_says_the_gravest_thing(
    facts: LinkFacts | None, connection: ConnectionFacts | None, state: SyncState
) -> None:
    assert sync_state(facts, connection, NOW) is state


def test_synced_is_only_said_where_it_is_true() -> None:
    for state, owed, differs, connection in product(
        LinkState, (False, True), (False, True), (None, OPEN, LOST, LIMITED)
    ):
        said = sync_state(link(state, owed=owed, differs=differs), connection, NOW)
        if owed or differs or state is not LinkState.ACTIVE:
            assert said is not SyncState.SYNCED


def test_a_badge_says_how_a_contact_is_gone() -> None:
    drawn = badge(link(LinkState.MERGED), OPEN, NOW)
    assert (drawn.state.value, drawn.label) == ("gone", "Merged in Xero")
    assert badge(link(LinkState.PARKED, owed=True), OPEN, NOW).label == "Not sent"


def test_a_badge_says_whether_somebody_changed_it_in_xero() -> None:
    never_equal = LinkFacts(LinkState.ACTIVE, owed=False, differs=True, differs_since_linked=True)
    drawn = [badge(facts, OPEN, NOW) for facts in (never_equal, link(differs=True))]
    assert [(one.state.value, one.label) for one in drawn] == [
        ("changed", "Differs from Xero"),
        ("changed", "Changed in Xero"),
    ]
