"""The seam between the engine and what it pushes: one `PushKind` for each sort of item."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.push_state import PushState
from posxero.domain.diff import Difference
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.refusals import Refusal, RefusalKind
from posxero.services.push.items import Creation, PushItem
from posxero.services.push.kinds.kind_feed import KindFeed
from posxero.settings import XeroSettings
from posxero.xero.client import XeroClient

Item = TypeVar("Item", bound=PushItem)
Remote = TypeVar("Remote")


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """What the engine says about an item of a kind, in words for the person who reads it."""

    internal_error: str  # Xero answered 500 and meant this item
    not_in_answer: str  # the answer to a call did not include it
    other_in_answer: str  # the answer was about another item
    no_reason: str  # Xero refused it without a word
    taken: str  # Xero has it, and another row here is linked to it
    created: str = ""  # the note in the history of an item that was created in Xero
    renumbered: str = ""  # Xero has another item with our number, so that the next one is used


class PushKind(ABC, Generic[Item, Remote]):
    """How items of one sort are loaded, found, compared, sent and explained.

    Each method with a `client` makes exactly one call, and raises what `XeroClient` raises.
    A kind whose items are created once and never updated leaves out everything after `update`.
    """

    name: str  # "contact", "history note": logs, and the filter of the activity feed
    table: type[PushState]
    words: KindWords
    feed: KindFeed  # how rows read in Sync activity
    batch_size: int = 1  # items in one call, and in one claim
    creations_batch_size: int = 1  # items in one claim of a backlog that are created one by one
    read_batch_size: int = 1  # ids in one read
    is_mutable: bool = False  # items are updated, and read again after an unknown outcome
    is_looked_up_after_creation: bool = False  # the answer to a creation may name another item than the one made
    has_history: bool = False  # outcomes are recorded in the contact's history
    has_running_numbers: bool = False  # a number that Xero has already is replaced by the next one
    # What the history calls an outcome of this kind; None leaves it out.
    activity_kinds: ClassVar[Mapping[ActivityKind, ActivityKind | None]] = {}

    def is_enabled(self, connection: Connection) -> bool:  # noqa: ARG002 - for kinds that can be switched off
        """Return whether items of this kind are pushed for a connection."""
        return True

    def enabled_connections(self) -> ColumnElement[bool]:
        """Return `is_enabled` as a condition on `Connection`."""
        return true()

    def blocked(self) -> ColumnElement[bool]:
        """Return the condition on a row that it waits for an item of another kind."""
        return false()

    def allowance(self, session: Session, connection: Connection, settings: XeroSettings, *, now: datetime) -> int:  # noqa: ARG002 - for kinds with a limit of their own
        """Return how many items may be claimed now at the most."""
        return self.batch_size

    @abstractmethod
    def load(
        self, session: Session, business_id: UUID, ids: Sequence[UUID], *, now: datetime
    ) -> Sequence[tuple[PushState, Item]]:
        """Load rows and their items, as the database has them now."""

    @abstractmethod
    def find(self, client: XeroClient, item: Item) -> Sequence[Remote]:
        """Find what an earlier attempt to create an item made, by our own number."""

    @abstractmethod
    def is_ours(self, item: Item, remote: Remote) -> bool:
        """Return whether an item of Xero carries our own number of this item."""

    def objection(self, item: Item, remote: Remote) -> str:  # noqa: ARG002 - for kinds that compare more than a number
        """Return why an item that carries our number is not taken for ours; "" where it is."""
        return ""

    def is_withdrawn(self, item: Item) -> bool:  # noqa: ARG002 - for kinds whose items may be taken back
        """Return whether an item that Xero does not have is not to be created any more."""
        return False

    def renumber(self, session: Session, business_id: UUID) -> dict[str, Any]:
        """Return the columns of the next number; the caller commits."""
        raise NotImplementedError

    @abstractmethod
    def element_of(self, item: Item) -> Mapping[str, Any]:
        """Return the body that creates an item."""

    @abstractmethod
    def create(self, client: XeroClient, item: Item, creation: Creation) -> Remote:
        """Create an item in Xero with the stored body under the stored key."""

    @abstractmethod
    def id_of(self, remote: Remote) -> UUID:
        """Return the id that Xero gave; the nil UUID where an answer names none."""

    @abstractmethod
    def raw_of(self, remote: Remote) -> str:
        """Return Xero's answer about an item as JSON, shortened, for the owner to read."""

    @abstractmethod
    def explain(self, item: Item, complaints: Sequence[str]) -> Refusal:
        """Return in plain words why Xero refused an item, with the cure."""

    def is_written(self, remote: Remote) -> bool:  # noqa: ARG002 - for kinds that are answered one by one
        """Return whether an answer says that Xero took what was sent."""
        return True

    def complaints_of(self, remote: Remote) -> Sequence[str]:  # noqa: ARG002 - same
        """Return Xero's own words about an item that it refused."""
        return ()

    def gone(self, remote: Remote | None) -> LinkState | None:
        """Return in which way Xero no longer has an item in use; None when it has. `remote` is None when missing."""
        return LinkState.MISSING if remote is None else None

    def explain_gone(self, state: LinkState) -> str:
        """Return in plain words what it means that an item is gone, with the cure."""
        return state.label

    def record_sent(self, session: Session, connection: Connection, item: Item, *, now: datetime) -> None:
        """Add rows that follow from a revision that Xero took; the caller commits."""

    def record_refused(self, session: Session, connection: Connection, kind: RefusalKind, *, now: datetime) -> None:
        """Note what follows from a refusal of a kind; the caller commits."""

    def update_dependents(self, session: Session, business_id: UUID, items: Sequence[Item]) -> None:
        """Update what depends on rows that were just written; the caller commits."""

    def update(self, client: XeroClient, items: Sequence[Item]) -> Sequence[Remote]:
        """Make items of Xero equal to ours; the answers may come in any order."""
        raise NotImplementedError

    def read(self, client: XeroClient, ids: Sequence[UUID]) -> Sequence[Remote]:
        """Read items of Xero by their ids; one that Xero has may be left out."""
        raise NotImplementedError

    def read_one(self, client: XeroClient, xero_id: UUID) -> Remote | None:
        """Read one item by its own address; raises Missing when Xero does not have it."""
        raise NotImplementedError

    def notices_of(self, remote: Remote) -> str:  # noqa: ARG002 - what follows is for kinds that are updated
        """Return Xero's warnings about an item that it took."""
        return ""

    def says_gone(self, complaints: Sequence[str]) -> bool:  # noqa: ARG002 - same
        """Return whether a refusal means that the item is no longer in use in Xero, which a read will confirm."""
        return False

    def differing(self, item: Item, remote: Remote) -> Sequence[Difference]:  # noqa: ARG002 - same
        """Compare what we would send with what Xero holds."""
        return ()

    def changed_since_copy(self, item: Item, remote: Remote) -> Sequence[Difference]:  # noqa: ARG002 - same
        """Compare what Xero holds with the last copy of it."""
        return ()

    def replaced(self, item: Item) -> Sequence[Difference]:  # noqa: ARG002 - same
        """Return what sending an item replaces in Xero, as far as the copy knows, for the history."""
        return ()

    def with_remote(self, item: Item, remote: Remote) -> Item:  # noqa: ARG002 - same
        """Return the item with what Xero holds now, so that it can be sent over that."""
        return item

    def columns_after(self, item: Item, remote: Remote, *, now: datetime) -> dict[str, Any]:  # noqa: ARG002 - same
        """Return the kind's own columns once Xero holds this revision: its copy, for one."""
        return {}

    def columns_changed(self, item: Item, remote: Remote, *, now: datetime) -> dict[str, Any]:  # noqa: ARG002 - same
        """Return the kind's own columns when Xero holds what nobody here sent."""
        return {}

    def columns_gone(self, item: Item, remote: Remote | None) -> dict[str, Any]:  # noqa: ARG002 - same
        """Return the kind's own columns when the item is gone."""
        return {}
