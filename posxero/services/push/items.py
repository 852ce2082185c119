"""One item of a push as it was read when it was claimed, and an attempt to create it in Xero."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from posxero.db.push_state import PushState
from posxero.domain.enums import LinkState
from posxero.domain.unconfirmed import UnconfirmedRequest

# Xero answers the same key with the same body alike for about six minutes ("Idempotent requests").
KEY_LIFETIME: Final = timedelta(minutes=5)
NO_CREATION: Final[dict[str, Any]] = {"creation_key": "", "creation_body": {}, "creation_started_at": None}


@dataclass(frozen=True, slots=True)
class Creation:
    """One attempt to create an item in Xero. Key and body are stored before they are sent.

    Attributes:
        key: Its Idempotency-Key.
        revision: The item's revision that the body carries.
        values: What the body carries, by field key, without empty values.
        element: The body: one element of Xero's list.
        started_at: When the key was first sent; None when Xero's answer used the key up.
    """

    key: str
    revision: int
    values: Mapping[str, str]
    element: Mapping[str, Any]
    started_at: datetime | None

    @classmethod
    def of(cls, row: PushState) -> Self | None:
        """Return the creation of a row whose outcome is unknown; None when there is none."""
        body = row.creation_body
        if not row.creation_key:
            return None
        # A row of an earlier version has a key without a body: it can be looked up, but not repeated.
        started_at = row.creation_started_at if body else None
        return cls(
            row.creation_key, body.get("revision", 0), body.get("values", {}), body.get("element", {}), started_at
        )

    def columns(self) -> dict[str, Any]:
        """Return the columns that store this attempt."""
        body = {"revision": self.revision, "values": dict(self.values), "element": dict(self.element)}
        return {"creation_key": self.key, "creation_body": body, "creation_started_at": self.started_at}

    def may_repeat(self, now: datetime) -> bool:
        """Return whether Xero still knows the key, so that sending the same again creates nothing twice."""
        return self.started_at is not None and now < self.started_at + KEY_LIFETIME


@dataclass(frozen=True, slots=True, kw_only=True)
class PushItem:
    """One row as it was read for a push. Each kind adds what it sends.

    Attributes:
        id: Of the row.
        contact_id: Whose history says what came of it.
        name: For reasons in words.
        xero_id: Its id in Xero; None while it is to be created there.
        revision: The one that the values belong to.
        values: What a request about it carries, by field key.
        owed: False when it is only to be verified.
        owed_by: Whose change it is, by name.
        check_due: A check of `unconfirmed` is due.
        refresh_due: It must be read before anything is sent: this database may be older than Xero.
        creation: An attempt to create it whose outcome is unknown.
        added_at: When it was added here.
        sale_id: The sale that it is; None for every other kind.
        match_first: Xero may have it without our number: it is searched for before it is created.
        read_first: Somebody may have done in Xero what is asked for: it is read before anything is sent.
    """

    id: UUID
    contact_id: UUID
    name: str
    xero_id: UUID | None
    revision: int
    values: Mapping[str, str]
    state: LinkState
    owed: bool
    owed_by: str
    verify_due: bool
    check_due: bool
    refresh_due: bool
    tries: int
    unconfirmed: tuple[UnconfirmedRequest, ...]
    creation: Creation | None
    added_at: datetime
    sale_id: UUID | None = None
    match_first: bool = False
    read_first: bool = False

    @property
    def sent_values(self) -> dict[str, str]:
        """What a request sends, by field key, without empty values."""
        return {key: value for key, value in self.values.items() if value}

    @property
    def must_read(self) -> bool:
        """Whether Xero must be read before anything is sent. The answer to a push is a check, too."""
        return self.verify_due or self.refresh_due or self.read_first or (self.check_due and not self.is_pushed)

    @property
    def is_only_read(self) -> bool:
        """Whether nothing is to be sent that is known by now: nothing is owed, and no outcome is in doubt."""
        return not (self.owed or self.verify_due)

    @property
    def is_pushed(self) -> bool:
        """Whether Xero is to get its values: it is owed, and nothing is in the way."""
        return self.owed and self.state is LinkState.ACTIVE


def read_unconfirmed(kept: Iterable[Mapping[str, Any]]) -> tuple[UnconfirmedRequest, ...]:
    """Read the unconfirmed requests of a row."""
    return tuple(UnconfirmedRequest.from_json(one) for one in kept)


def push_columns(row: PushState, now: datetime) -> dict[str, Any]:
    """Return the attributes of a `PushItem` that every kind reads from its row."""
    return {
        "id": row.id,
        "xero_id": row.xero_id,
        "state": row.state,
        "owed": row.sent_revision < row.owed_revision,
        "owed_by": row.owed_by,
        "verify_due": row.verify_due,
        "check_due": row.verify_again_at is not None and row.verify_again_at <= now,
        "refresh_due": row.refresh_due,
        "tries": row.tries,
        "unconfirmed": read_unconfirmed(row.unconfirmed),
        "creation": Creation.of(row),
    }
