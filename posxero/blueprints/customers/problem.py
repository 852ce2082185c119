"""What keeps a contact from Xero, and what cures it: one button, and links to what else may be done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from posxero.db.contact import Contact, Link
from posxero.domain.enums import ConnectionState, LinkState, Right, SyncState
from posxero.domain.refusals import CURED_BY_SAVING, FIELDS_OF_KIND, FOUND_BY_NUMBER, RefusalKind
from posxero.domain.states import Badge
from posxero.services.push.kinds import contact_reasons as reasons
from posxero.services.push.links.merges import Survivor, SurvivorState
from posxero.services.sync_status.connection_status import ConnectionStatus


class Cure(StrEnum):
    """What cures a problem; the value names the part of the banner."""

    EDIT = "edit"
    TRY_AGAIN = "try_again"
    UNLINK = "unlink"
    FOLLOW = "follow_merge"
    CREATE_AGAIN = "create_again"
    FIND = "find"
    LINK = "link"
    CHOOSE = "choose"
    OPEN_IN_XERO = "open_in_xero"
    RECONNECT = "reconnect"
    ERASE = "erase"

    @property
    def right(self) -> Right:
        """What a person needs for it."""
        return RIGHT_OF_CURE.get(self, Right.MANAGE)


RIGHT_OF_CURE: Final = {
    Cure.EDIT: Right.EDIT,
    Cure.TRY_AGAIN: Right.EDIT,
    Cure.OPEN_IN_XERO: Right.READ,
    Cure.RECONNECT: Right.OWN,
}
STUCK: Final = {SyncState.FAILED, SyncState.GONE}
CURES_OF_GONE: Final = {
    LinkState.ARCHIVED: (Cure.TRY_AGAIN, Cure.OPEN_IN_XERO, Cure.UNLINK),
    LinkState.ERASED: (Cure.UNLINK, Cure.ERASE),
    LinkState.MISSING: (Cure.UNLINK, Cure.CREATE_AGAIN, Cure.LINK),
}
MERGED: Final = "It was merged into another contact in Xero."


@dataclass(frozen=True)
class Problem:
    """A banner: its title, the cause in plain words, Xero's own words, the cure, and what else may be done."""

    title: str
    cause: str
    quote: str
    cure: Cure
    others: tuple[Cure, ...] = ()
    search_term: str = ""  # by which the contact of Xero that is in the way is found
    is_asked: bool = False  # Xero is being asked for more of the cause

    @property
    def cures(self) -> tuple[Cure, ...]:
        """The cure, and what else may be done."""
        return (self.cure, *self.others)

    @classmethod
    def of(cls, name: str, link: Link | None, badge: Badge, status: ConnectionStatus) -> "Problem | None":
        """Return the problem of the link of the contact of a name; None where it has none."""
        if link is None:
            return None
        if badge.state is SyncState.PAUSED:
            return _of_connection(status)
        if badge.state not in STUCK:
            return None
        cause, quote = reasons.split(link.reason)
        if link.state is LinkState.MERGED:
            return _of_merge(link, badge, status)
        title = "Not sent to Xero" if badge.state is SyncState.FAILED else badge.label
        cure, *others = _cures(link)
        term = str(link.contact_id) if link.refused_as in FOUND_BY_NUMBER else name
        return cls(title, cause, quote, cure, tuple(others), term)


def refused_field(contact: Contact, link: Link) -> dict[str, str]:
    """Return the field that Xero did not accept, with a sentence to stand beside it; by key, at most one."""
    _, quote = reasons.split(link.reason)
    keys = FIELDS_OF_KIND.get(link.refused_as, ())
    values = {key: getattr(contact, key) for key in keys if getattr(contact, key)}
    quoted = [key for key, value in values.items() if value in quote]
    return dict.fromkeys([*quoted, *values, *keys][:1], reasons.field_message(link.refused_as))


def _of_connection(status: ConnectionStatus) -> Problem | None:
    """Return why nothing is sent until somebody connects again; a limit or an outage passes."""
    connection = status.connection
    if connection is None or connection.state is ConnectionState.CONNECTED:
        return None
    if connection.state is ConnectionState.ENDED:
        cause = f"{connection.name} was disconnected. What you save is kept here until it is connected again."
        return Problem("Xero is disconnected", cause, "", Cure.RECONNECT)
    cause = f"{connection.reason} What you save is kept here, and sent once Xero is connected again."
    return Problem("Connection to Xero lost", cause.strip(), "", Cure.RECONNECT)


def _of_merge(link: Link, badge: Badge, status: ConnectionStatus) -> Problem:
    """Return what became of a contact that was merged in Xero, as far as it is known."""
    survivor = Survivor.of(link)
    if survivor is None:
        asks = status.connection is not None and status.connection.state is ConnectionState.CONNECTED
        cause = MERGED if asks else f"{MERGED} Connect to Xero to find out which one."
        return Problem(badge.label, cause, "", Cure.UNLINK, is_asked=asks)
    if not survivor.may_be_followed:
        gone = "Its details were erased." if survivor.state is SurvivorState.ERASED else "Xero no longer has that one."
        return Problem(badge.label, f"{MERGED} {gone}", "", Cure.UNLINK, (Cure.LINK,))
    now = ", which is archived there" if survivor.state is SurvivorState.ARCHIVED else ""
    cause = f"It was merged into {survivor.name} in Xero{now}. Link it to that contact to send changes there."
    return Problem(badge.label, cause, "", Cure.FOLLOW, (Cure.UNLINK,))


def _cures(link: Link) -> tuple[Cure, ...]:
    if link.state in CURES_OF_GONE:
        return CURES_OF_GONE[link.state]
    if link.refused_as is RefusalKind.CHOICE_NEEDED:
        return (Cure.CHOOSE, Cure.TRY_AGAIN)
    if link.refused_as in CURED_BY_SAVING:
        return (Cure.EDIT,)
    if link.refused_as is RefusalKind.NAME_TAKEN:
        return (Cure.TRY_AGAIN, Cure.EDIT, Cure.FIND)
    return (Cure.TRY_AGAIN, Cure.FIND) if link.refused_as in FOUND_BY_NUMBER else (Cure.TRY_AGAIN,)
