"""What the badge of a contact says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from posxero.domain.enums import ConnectionState, LinkState, SyncState
from posxero.domain.pauses import is_over

CHANGED_IN_XERO: Final = "Changed in Xero"


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What of a link decides its badge.

    `owed` is `sent_revision < owed_revision or verify_due`: until an unknown outcome is
    verified, nobody may say Synced. `differs`: Xero's copy is not ours; `differs_since_linked`:
    it never was, and nobody changed anything in Xero since they were linked.
    """

    state: LinkState
    owed: bool
    differs: bool
    differs_since_linked: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What of the business's connection decides its badges."""

    state: ConnectionState
    paused_until: datetime | None = None
    paused_at: datetime | None = None

    def may_send(self, now: datetime) -> bool:
        """Return whether something may be sent now: the consent holds, and no limit or outage is waited for."""
        if self.state is not ConnectionState.CONNECTED:
            return False
        return is_over(self.paused_at, self.paused_until, now)


@dataclass(frozen=True, slots=True)
class Badge:
    """A sync state as the screen shows it."""

    state: SyncState
    label: str


def sync_state(link: LinkFacts | None, connection: ConnectionFacts | None, now: datetime) -> SyncState:
    """Decide the state: the first that holds of gone, changed, failed, paused, waiting, synced, none.

    Args:
        link: None when the contact has no link.
        connection: The business's connection, None when it has none.
        now: Decides whether a limit is over.
    """
    if link is None:
        return SyncState.NONE
    if link.state.is_gone:
        return SyncState.GONE
    if link.differs and not link.owed:
        return SyncState.CHANGED
    if link.state is LinkState.PARKED:
        return SyncState.FAILED
    if not link.owed:
        return SyncState.SYNCED
    return SyncState.WAITING if connection and connection.may_send(now) else SyncState.PAUSED


def badge(link: LinkFacts | None, connection: ConnectionFacts | None, now: datetime) -> Badge:
    """Draw the state in words: one that is gone says how, one that differs whether somebody changed it in Xero."""
    state = sync_state(link, connection, now)
    label = state.label
    if link is not None and state is SyncState.GONE:
        label = link.state.label
    elif link is not None and state is SyncState.CHANGED and not link.differs_since_linked:
        label = CHANGED_IN_XERO
    return Badge(state, label)
