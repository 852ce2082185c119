"""What a person asks for in a merge, and whether two customers may be merged."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.services.contacts import conflicts
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.errors import NotFound
from posxero.services.merging.errors import CannotMerge, ChangedMeanwhile
from posxero.services.push.linking import is_creation_unresolved

SAME: Final = "Choose another customer: this is the same one."
ALREADY: Final = "{name} was already merged into another customer."
ARCHIVED: Final = "{name} is archived here. Restore {name} first, or keep {other} instead."
BEING_ADDED: Final = "Xero may be adding {name} right now. Wait until its status says Synced or Not sent, then merge."
CHANGED: Final = "{who} saved {name} after you opened this page. Check the choices, then merge again."


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeForm:
    """What a person asked for.

    Attributes:
        survivor_id: The customer that stays.
        loser_id: The customer that is merged into it.
        seen: The versions of both that were shown, in this order.
        chosen: The keys of the choices for which the values of the loser are taken.
        empty_fields: What to do about fields that the push would empty in Xero.
    """

    survivor_id: UUID
    loser_id: UUID
    seen: tuple[int, int]
    chosen: Collection[str] = ()
    empty_fields: EmptyFields = EmptyFields.ASK


def load_both(
    session: Session, business_id: UUID, survivor_id: UUID, loser_id: UUID, *, lock: bool = False
) -> tuple[Contact, Contact]:
    """Load two customers that may be merged.

    Args:
        session: To read with.
        business_id: Whose.
        survivor_id: The one that stays.
        loser_id: The other one.
        lock: Read both again and keep others from writing them until the transaction ends.

    Raises:
        NotFound: One is not there.
        CannotMerge: They are the same, one was merged before, or the survivor is archived.
    """
    if survivor_id == loser_id:
        raise CannotMerge(SAME)
    both = (survivor_id, loser_id)
    query = select(Contact).where(Contact.business_id == business_id, Contact.id.in_(both)).order_by(Contact.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = {contact.id: contact for contact in session.scalars(query)}
    if len(found) != len(both):
        raise NotFound(both)
    survivor, loser = found[survivor_id], found[loser_id]
    for contact in (loser, survivor):
        if contact.merged_into is not None:
            raise CannotMerge(ALREADY.format(name=contact.name))
    if survivor.archived_at is not None:
        raise CannotMerge(ARCHIVED.format(name=survivor.name, other=loser.name))
    return survivor, loser


def check_seen(session: Session, survivor: Contact, loser: Contact, seen: tuple[int, int]) -> None:
    """Raise ChangedMeanwhile where one of two customers has another version than the one that was shown."""
    for contact, version in ((survivor, seen[0]), (loser, seen[1])):
        if contact.version != version:
            saves = conflicts.saves_since(session, contact, version)
            who = saves[0].actor if saves else ""
            raise ChangedMeanwhile(CHANGED.format(who=who or "Somebody", name=contact.name))


def check_links(loser: Contact, links: Sequence[Link]) -> None:
    """Raise CannotMerge while Xero may be adding the customer that is merged away."""
    if any(is_creation_unresolved(link) for link in links if link.contact_id == loser.id):
        raise CannotMerge(BEING_ADDED.format(name=loser.name))
