"""Contacts that were merged in Xero: which contact survived, and linking the customer to that one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.chunks import chunks
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState
from posxero.services.push.due import may_send
from posxero.services.xero_connection import access
from posxero.xero.client import MAX_IDS, XeroClient
from posxero.xero.contact_reading import read_copy
from posxero.xero.errors import Missing
from posxero.xero.ports import XeroPorts

MAX_HOPS: Final = 10  # merges in a row that are followed
LINKS_PER_SLICE: Final = 200  # links whose survivors one job looks up


class SurvivorState(StrEnum):
    """What Xero has at the end of a chain of merges."""

    IN_USE = "in_use"
    ARCHIVED = "archived"
    ERASED = "erased"
    MISSING = "missing"
    LOOP = "loop"  # the chain leads back into itself, or is too long


@dataclass(frozen=True, slots=True)
class Survivor:
    """The contact of Xero at the end of a chain of merges that began at `merged_to` of the link's copy."""

    merged_to: str
    xero_id: UUID
    state: SurvivorState
    copy: XeroCopy

    @property
    def may_be_followed(self) -> bool:
        """Return whether the customer can be linked to it."""
        return self.state in {SurvivorState.IN_USE, SurvivorState.ARCHIVED}

    @property
    def name(self) -> str:
        """Its name in Xero."""
        return self.copy.values["name"]

    def to_json(self) -> dict[str, Any]:
        """Return a mapping that JSON can hold."""
        return {
            "merged_to": self.merged_to,
            "xero_id": str(self.xero_id),
            "state": self.state.value,
            "copy": self.copy.to_json(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Load what `to_json` returned."""
        state = SurvivorState(kept["state"])
        return cls(kept["merged_to"], UUID(kept["xero_id"]), state, XeroCopy.from_json(kept["copy"]))

    @classmethod
    def of(cls, link: Link) -> Self | None:
        """Return the survivor of a merged link; None while it is not known, or when it was merged elsewhere since."""
        if link.state is not LinkState.MERGED or link.survivor is None:
            return None
        found = cls.from_json(link.survivor)
        return found if found.merged_to == (link.copy.get("merged_to") or "") else None


def due_businesses(now: datetime) -> Select[UUID]:
    """Return the select of the businesses with merged contacts whose survivors are not known."""
    pair = (Connection.business_id == Link.business_id) & (Connection.tenant_id == Link.tenant_id)
    return select(Link.business_id).join(Connection, pair).where(*_UNKNOWN, may_send(now))


def look_up_survivors(session: Session, connection: Connection, ports: XeroPorts) -> None:
    """Read which contacts others were merged into, and keep that on their links. Ends the transaction.

    Raises:
        RetryLater, ConsentLost: Xero could not be asked; nothing was kept.
    """
    mine = (Link.business_id == connection.business_id, Link.tenant_id == connection.tenant_id)
    rows = session.execute(select(Link.id, Link.copy).where(*mine, *_UNKNOWN).order_by(Link.id).limit(LINKS_PER_SLICE))
    targets = {link_id: copy.get("merged_to") or "" for link_id, copy in rows}
    session.commit()
    if not targets:
        return
    read = _read_chains(session, connection, ports, targets.values())
    survivors = {link_id: _survivor(merged_to, read) for link_id, merged_to in targets.items()}
    with writing(session):
        for link in session.scalars(select(Link).where(*mine, Link.id.in_(survivors)).with_for_update()):
            survivor = survivors[link.id]
            if link.state is LinkState.MERGED and survivor.merged_to == (link.copy.get("merged_to") or ""):
                link.survivor = survivor.to_json()


def _read_chains(
    session: Session, connection: Connection, ports: XeroPorts, targets: Iterable[str]
) -> dict[str, XeroCopy | None]:
    """Read contacts and whatever they were merged into, by ContactID; None for one that Xero does not have."""
    read: dict[str, XeroCopy | None] = {}
    wanted = {_id(one) for one in targets} - {""}
    for _ in range(MAX_HOPS):
        if not wanted:
            break
        for chunk in chunks(sorted(wanted), MAX_IDS):
            read |= _read(session, connection, ports, chunk)
        nexts = {_id(copy.merged_to) for copy in map(read.get, wanted) if copy is not None}
        wanted = nexts - read.keys() - {""}
    return read


def _read(session: Session, connection: Connection, ports: XeroPorts, ids: Sequence[str]) -> dict[str, XeroCopy | None]:
    """Read contacts by their ids; one that the list lacks is read alone."""

    def by_ids(client: XeroClient) -> list[Any]:
        return client.contacts_by_ids([UUID(one) for one in ids])

    def call(operation: Any) -> Any:
        return access.call(session, connection, ports, operation, now=database_time(session), is_background=True)

    found: dict[str, XeroCopy | None] = {str(one.contact_id): read_copy(one) for one in call(by_ids)}
    for missing in [one for one in ids if one not in found]:
        try:
            alone = call(lambda client, one=missing: client.contact_by_id(UUID(one)))
        except Missing:
            alone = None
        found[missing] = read_copy(alone) if alone is not None else None
    return found


def _survivor(merged_to: str, read: Mapping[str, XeroCopy | None]) -> Survivor:
    """Walk a chain to its end."""
    seen: set[str] = set()
    current = _id(merged_to)
    while current in read and current not in seen:
        seen.add(current)
        copy = read[current]
        if copy is None:
            return Survivor(merged_to, UUID(current), SurvivorState.MISSING, XeroCopy())
        if not copy.merged_to:
            state = {"ARCHIVED": SurvivorState.ARCHIVED, "GDPRREQUEST": SurvivorState.ERASED}.get(copy.status)
            return Survivor(merged_to, UUID(current), state or SurvivorState.IN_USE, copy)
        current = _id(copy.merged_to)
    return Survivor(merged_to, UUID(int=0), SurvivorState.LOOP if current else SurvivorState.MISSING, XeroCopy())


def _id(text: str) -> str:
    """Write a ContactID as we do; "" for what is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


# The survivor of an earlier merge says nothing about a later one.
_STALE: Final[ColumnElement[bool]] = Link.survivor["merged_to"].as_string() != func.coalesce(
    Link.copy["merged_to"].as_string(), ""
)
# Literals, not parameters: only then do both databases use the partial index of links in trouble.
_UNKNOWN: Final[tuple[ColumnElement[bool], ...]] = (
    literal_column("link.state <> 'active'", Boolean),
    Link.state == LinkState.MERGED,
    or_(Link.survivor.is_(None), _STALE),
)
