"""What must hold after every step of a world, and what must hold once it is quiet (design, section 3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.enums import SyncState
from posxero.domain.fields import MAPPED
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from tests.simulation import sale_invariants
from tests.simulation.shop import KEPT, LINKED, TAKEN
from tests.simulation.site import MINUTE_LIMIT

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Row

    from tests.simulation.world import World

Record = dict[str, Any]  # a contact as Xero holds it
MINUTE: Final = 60_000  # milliseconds
OURS: Final = tuple(getattr(Contact, field.key) for field in MAPPED)
LINK: Final = (Link.xero_id, Link.reason, Link.sent_revision, Link.owed_revision, Link.verify_again_at)
ROWS: Final = (
    select(Contact.id, Contact.revision, *OURS, *LINK, *badges.FACTS)
    .outerjoin(Link, Link.contact_id == Contact.id)
    .order_by(Contact.id)
)


class Violation(AssertionError):
    """Something that must always hold does not."""


class Observer:
    """Looks at a world from outside, after every step."""

    def __init__(self, world: World) -> None:
        self._world, self._shop = world, world.shop
        self._records: list[Record] = []
        self._seen_writes = -1

    def check(self) -> None:
        """Check what must hold after every step.

        Raises:
            Violation: Something does not.
        """
        seen = self._look()
        rows = [row for row, _ in seen]
        self._check_fields(rows)
        self._check_links(rows)
        if self._seen_writes != self._world.xero.writes:
            self._seen_writes, self._records = self._world.xero.writes, self._world.xero.contacts()
            self._check_xero()
        unsettled = self._world.unsettled()
        for row, state in seen:
            is_unsettled = not unsettled.isdisjoint({str(row.id), str(row.xero_id)})
            if state is SyncState.SYNCED and row.verify_again_at is None and not is_unsettled:
                self._check_synced(row)
            if state is SyncState.CHANGED and row.id not in self._shop.foreign:
                raise Violation(f"{self._name(row.id)} is shown as changed in Xero, where nobody edited it")
        self._check_budget()
        if found := sale_invariants.find_violation(self._world):
            raise Violation(found)

    def check_quiet(self) -> None:
        """Check what must hold once faults stopped and everything that was due is done.

        Raises:
            Violation: Something does not.
        """
        for row, state in self._look():
            if state is SyncState.SYNCED:
                self._check_synced(row)
            elif state is SyncState.CHANGED and row.id in self._shop.foreign:
                continue
            elif not (row.reason and self._may_end_as(state, row)):
                raise Violation(f"{self._name(row.id)} ends as {state.value}: {row.reason or 'no reason'}")
        if found := sale_invariants.find_final_violation(self._world):
            raise Violation(found)

    def _may_end_as(self, state: SyncState, row: Row[Any]) -> bool:
        """Return whether what people and Xero did explains why a customer is not synced in the end."""
        if state is SyncState.FAILED:  # Xero has that name already, or it was tried as often as it may be
            return row.id in self._shop.refused or row.id in self._shop.archived or row.reason.endswith(" times.")
        return state is SyncState.GONE and row.id in self._shop.archived

    def _look(self) -> list[tuple[Row[Any], SyncState]]:
        """Read every customer with its link and its badge."""
        session, now = self._world.session, self._world.clock.now()
        session.expire_all()
        status = load_connection_status(session, self._shop.business.id)
        rows = session.execute(ROWS).all()
        session.commit()
        return [(row, badges.badge_of(status, badges.BadgeFacts.of(row), now).state) for row in rows]

    def _check_fields(self, rows: list[Row[Any]]) -> None:
        """Nothing but a person's save changes a field here."""
        for row in rows:
            held = {field.key: getattr(row, field.key) for field in MAPPED}
            if held != self._shop.saved[row.id]:
                changed = set(held.items()) ^ set(self._shop.saved[row.id].items())
                raise Violation(f"{self._name(row.id)} changed here without an edit: {sorted(changed)}")

    def _check_links(self, rows: list[Row[Any]]) -> None:
        """No Xero contact backs two customers, and every debt is written down."""
        if twice := [xero_id for xero_id, n in Counter(row.xero_id for row in rows if row.xero_id).items() if n > 1]:
            raise Violation(f"two customers are linked to {twice}")
        for row in rows:
            if not row.sent_revision <= row.owed_revision == row.revision:
                raise Violation(f"{self._name(row.id)} owes {row.owed_revision} of {row.revision}")

    def _check_xero(self) -> None:
        """Xero has each customer once, and what is not ours there is as it was."""
        ours = {str(contact_id) for contact_id in self._shop.customers}
        numbers = Counter(record.get("ContactNumber") for record in self._records)
        if twice := [number for number, n in numbers.items() if number in ours and n > 1]:
            raise Violation(f"Xero has a customer twice: {twice}")
        strangers = [record for record in self._records if "ContactNumber" not in record and record["Name"] != TAKEN]
        if len(strangers) != LINKED or not all(KEPT.items() <= record.items() for record in strangers):
            raise Violation("a push changed what only Xero has")
        if {*numbers} - {None, ""} - ours:
            raise Violation(f"Xero has contacts that are nobody's: {numbers}")

    def _check_synced(self, row: Row[Any]) -> None:
        """What is shown as synced is what Xero holds, but for what somebody changed there since."""
        record = next((one for one in self._records if one["ContactID"] == str(row.xero_id)), None)
        if record is None:
            raise Violation(f"{self._name(row.id)} is shown as synced, and Xero does not have it")
        for field in MAPPED:
            ours, theirs = getattr(row, field.key), value_in(record, field.xero or "")
            if theirs != ours and theirs not in self._shop.foreign[row.id][field.key]:
                raise Violation(f"{self._name(row.id)} is shown as synced: {field.key} is {theirs!r}, not {ours!r}")

    def _check_budget(self) -> None:
        """Within any minute no more calls than Xero allows, unless Redis has just lost the count."""
        calls = self._world.xero.app.extensions["practice"].calls.all()
        ended = [call.at for call in calls if call.path.startswith("/api.xro")]
        if self._world.clock.elapsed < self._world.forgot_calls_at + 60 or len(ended) <= MINUTE_LIMIT:
            return
        if ended[-1] - ended[-1 - MINUTE_LIMIT] < MINUTE:
            raise Violation(f"more than {MINUTE_LIMIT} calls within a minute")

    def _name(self, contact_id: UUID) -> str:
        return f"customer {self._shop.customers.index(contact_id)}"


def value_in(record: Record, place: str) -> str:
    """Return what Xero holds in a place of the field map: "Name", "Phones.MOBILE", "Addresses.STREET.City"."""
    part, *names = place.split(".")
    if part == "Phones":
        phone = record["Phones"].get(names[0], {})
        return " ".join(filter(None, (phone.get(f"Phone{each}") for each in ("CountryCode", "AreaCode", "Number"))))
    if part == "Addresses":
        return str(record["Addresses"].get(names[0], {}).get(names[1]) or "")
    return str(record.get(part) or "")
