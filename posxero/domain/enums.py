"""The closed word lists of the product: what the database stores and what the screen says."""

from enum import StrEnum

from posxero.domain.steps import ActivityKind, Decision, Outcome, Phase

__all__ = [
    "RIGHTS",
    "ActivityKind",
    "ConnectionState",
    "Decision",
    "LinkState",
    "Outcome",
    "Phase",
    "Right",
    "Role",
    "SyncState",
    "holders",
]


class Right(StrEnum):
    """What a door may ask of the person who comes through it."""

    READ = "read"  # customers, history, sync activity
    EDIT = "edit"  # add and edit customers, Try again on one
    MANAGE = "manage"  # import, review, archive, link, bulk retry
    OWN = "own"  # connect, disconnect, users, raw answers


class Role(StrEnum):
    """What a user is to the business. Rights are a set per role, not a ladder."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    BOOKKEEPER = "bookkeeper"

    @property
    def label(self) -> str:
        """Name the role on screen."""
        return self.value.capitalize()

    def may(self, right: Right) -> bool:
        """Return whether the role holds the right."""
        return right in RIGHTS[self]


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset({Right.READ, Right.EDIT, Right.MANAGE}),
    Role.STAFF: frozenset({Right.READ, Right.EDIT}),
    Role.BOOKKEEPER: frozenset({Right.READ}),
}


def holders(right: Right) -> tuple[Role, ...]:
    """List the roles that hold a right, for the page that says who can."""
    return tuple(role for role in Role if role.may(right))


class SyncState(StrEnum):
    """What the badge of a contact says; the value is also `?sync=` and the badge's style."""

    NONE = "none"
    SYNCED = "synced"
    WAITING = "waiting"
    PAUSED = "paused"
    FAILED = "failed"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def label(self) -> str:
        """Name the state on screen; a badge that is gone or differs says more (`domain.states.badge`)."""
        return _SYNC[self]


_SYNC = {
    SyncState.NONE: "Not linked",
    SyncState.SYNCED: "Synced",
    SyncState.WAITING: "Waiting",
    SyncState.PAUSED: "Paused",
    SyncState.FAILED: "Not sent",
    SyncState.CHANGED: "Differs from Xero",
    SyncState.GONE: "Gone from Xero",
}


class LinkState(StrEnum):
    """What a link's row says. Only an active link is pushed."""

    ACTIVE = "active"
    PARKED = "parked"  # refused, or out of tries; the reason is beside it
    ARCHIVED = "archived"
    MERGED = "merged"
    ERASED = "erased"
    MISSING = "missing"

    @property
    def gone(self) -> bool:
        """Return whether Xero no longer has the contact in use."""
        return self in _GONE

    @property
    def label(self) -> str:
        """Name the state on screen."""
        return _LINK[self]


_GONE = frozenset({LinkState.ARCHIVED, LinkState.MERGED, LinkState.ERASED, LinkState.MISSING})
_LINK = {
    LinkState.ACTIVE: "Linked",
    LinkState.PARKED: "Not sent",
    LinkState.ARCHIVED: "Archived in Xero",
    LinkState.MERGED: "Merged in Xero",
    LinkState.ERASED: "Erased in Xero",
    LinkState.MISSING: "Not in Xero",
}


class ConnectionState(StrEnum):
    """Whether a business can reach its Xero organisation."""

    CONNECTED = "connected"
    LOST = "lost"  # the consent no longer holds; debts wait for a new one
    ENDED = "ended"  # disconnected on purpose

    @property
    def label(self) -> str:
        """Name the state on screen."""
        return {"connected": "Connected", "lost": "Connection lost", "ended": "Disconnected"}[self.value]
