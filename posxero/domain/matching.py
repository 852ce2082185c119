"""Match Xero contacts with ours: link the certain ones, add the new ones, leave the ambiguous ones to a person."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from posxero.domain.enums import Decision

CANDIDATES_MAX: Final = 10  # shown for one contact of Xero; a shared phone may have thousands

Pair = tuple[str, str]  # name_key and email_key
_Key = TypeVar("_Key", str, Pair)


class MatchReason(StrEnum):
    """Why a contact of Xero may be one of ours, in words."""

    SAME_NAME_AND_EMAIL = "same name and email"
    SAME_NAME = "same name"
    SAME_EMAIL = "same email"
    SAME_PHONE = "same phone"
    SEVERAL = "several contacts match"
    XERO_TWICE = "two Xero contacts match the same contact here"


WEIGHTS: Final = {
    MatchReason.SAME_NAME_AND_EMAIL: 8,
    MatchReason.SAME_NAME: 4,
    MatchReason.SAME_EMAIL: 4,
    MatchReason.SAME_PHONE: 2,
}


class Candidate(NamedTuple):
    """The keys of a contact that matching compares: one of ours, or (with its ContactID) one of Xero's."""

    contact_id: UUID
    name_key: str
    email_key: str = ""
    phone_keys: tuple[str, ...] = ()

    @property
    def pair(self) -> Pair | None:
        """Return name and email; None unless the contact has both."""
        return (self.name_key, self.email_key) if self.name_key and self.email_key else None


class Match(NamedTuple):
    """The result for one Xero contact. A `decision` of None is needs_review: a person decides.

    `candidates` are ids of ours, best first; for LINK the only one.
    """

    decision: Decision | None
    reasons: tuple[MatchReason, ...] = ()
    candidates: tuple[UUID, ...] = ()

    @property
    def reason(self) -> str:
        """Return why, in words."""
        return ", ".join(self.reasons)


@dataclass(slots=True)
class Index:
    """The contacts of a business that are not linked to the organisation, by the keys that are compared."""

    by_pair: dict[Pair, list[UUID]] = field(default_factory=dict)
    by_name: dict[str, list[UUID]] = field(default_factory=dict)
    by_email: dict[str, list[UUID]] = field(default_factory=dict)
    by_phone: dict[str, list[UUID]] = field(default_factory=dict)

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "Index":
        """Build the index in one pass."""
        index = cls()
        for candidate in candidates:
            index.add(candidate)
        return index

    def add(self, candidate: Candidate) -> None:
        """Add one contact. A key that many share keeps the first few: all of them are ambiguous anyway."""
        if candidate.pair:
            _append(self.by_pair, candidate.pair, candidate.contact_id)
        if candidate.name_key:
            _append(self.by_name, candidate.name_key, candidate.contact_id)
        if candidate.email_key:
            _append(self.by_email, candidate.email_key, candidate.contact_id)
        for key in candidate.phone_keys:
            _append(self.by_phone, key, candidate.contact_id)


def match(xero: Candidate, index: Index, xero_duplicates: Collection[Pair] = frozenset()) -> Match:
    """Match one Xero contact that is not linked yet.

    Exactly one of ours, and one of Xero, with the same name and the same email: LINK.
    Any other agreement of name, email or phone, or several candidates: ambiguous. Else ADD;
    contacts of Xero that only agree with each other are added.

    Args:
        xero: The contact of Xero.
        index: Our contacts without a link.
        xero_duplicates: The names with emails that several contacts of Xero share which the import may bring in.
    """
    same_pair = index.by_pair.get(xero.pair, []) if xero.pair else []
    is_duplicate = bool(same_pair) and xero.pair in xero_duplicates
    if len(same_pair) == 1 and not is_duplicate:
        return Match(Decision.LINK, (MatchReason.SAME_NAME_AND_EMAIL,), (same_pair[0],))
    found = _agreements(xero, index, same_pair)
    if not found:
        return Match(Decision.ADD)
    best = sorted(found, key=lambda contact_id: -sum(WEIGHTS[reason] for reason in found[contact_id]))
    agreed = set[MatchReason]().union(*found.values())
    reasons = [reason for reason in MatchReason if reason in agreed]
    if len(found) > 1:
        reasons.append(MatchReason.SEVERAL)
    if is_duplicate:
        reasons.append(MatchReason.XERO_TWICE)
    return Match(None, tuple(reasons), tuple(best[:CANDIDATES_MAX]))


def _agreements(xero: Candidate, index: Index, same_pair: Iterable[UUID]) -> dict[UUID, set[MatchReason]]:
    """Return the reasons for each candidate."""
    found = {contact_id: {MatchReason.SAME_NAME_AND_EMAIL} for contact_id in same_pair}
    single = [(MatchReason.SAME_NAME, index.by_name.get(xero.name_key, ()))]
    single.append((MatchReason.SAME_EMAIL, index.by_email.get(xero.email_key, ())))
    for reason, ids in single:
        for contact_id in ids:
            agreed = found.setdefault(contact_id, set())
            if MatchReason.SAME_NAME_AND_EMAIL not in agreed:
                agreed.add(reason)
    for key in xero.phone_keys:
        for contact_id in index.by_phone.get(key, ()):
            found.setdefault(contact_id, set()).add(MatchReason.SAME_PHONE)
    return found


def _append(into: dict[_Key, list[UUID]], key: _Key, contact_id: UUID) -> None:
    ids = into.setdefault(key, [])
    if len(ids) <= CANDIDATES_MAX:
        ids.append(contact_id)
