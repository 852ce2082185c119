"""What keeps a contact from Xero, and the one button that cures it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from posxero.db.contact import Link
from posxero.domain.enums import LinkState, Right, SyncState
from posxero.domain.states import Badge
from posxero.services.push.kinds import contact_reasons as reasons


class Cure(StrEnum):
    """What cures a problem; the value names the part of the banner."""

    EDIT = "edit"
    TRY_AGAIN = "try_again"
    UNLINK = "unlink"

    @property
    def right(self) -> Right:
        """What a person needs for it."""
        return Right.MANAGE if self is Cure.UNLINK else Right.EDIT


STUCK: Final = {SyncState.FAILED, SyncState.GONE}
LOST: Final = {LinkState.MERGED, LinkState.ERASED, LinkState.MISSING}  # Xero will not have it back under its id


@dataclass(frozen=True)
class Problem:
    """A banner: its title, the cause in plain words, Xero's own words, and the cure."""

    title: str
    cause: str
    quote: str
    cure: Cure

    @classmethod
    def of(cls, link: Link | None, badge: Badge) -> "Problem | None":
        """Return the problem of a link; None where it has none."""
        if link is None or badge.state not in STUCK:
            return None
        cause, quote = reasons.split(link.reason)
        title = "Not sent to Xero" if badge.state is SyncState.FAILED else badge.label
        return cls(title, cause, quote, _cure(link, cause))


def _cure(link: Link, cause: str) -> Cure:
    if link.state in LOST:
        return Cure.UNLINK
    return Cure.EDIT if reasons.is_cured_by_saving(cause) else Cure.TRY_AGAIN
