"""The contacts of Xero that a customer may be linked to, best first, each with why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.xero_lookup import XeroSearch
from posxero.domain import matching
from posxero.domain.columns import values_of
from posxero.domain.comparison import Part, mark_shared, parts_of
from posxero.domain.copies import XeroCopy
from posxero.domain.folding import email_key, name_key, phone_keys
from posxero.domain.matching import WEIGHTS
from posxero.services.push.links.copies import KeptCopy, copies_for, current_search

WAS_LINKED: Final = "linked before"
WAS_LINKED_WEIGHT: Final = 2 * max(WEIGHTS.values())
NOT_IN_USE: Final = {"ARCHIVED": "Archived in Xero", "GDPRREQUEST": "Erased in Xero"}


@dataclass(frozen=True, slots=True)
class LinkCandidate:
    """One contact of Xero; `linked` is the customer that it is linked to already, `status` why it is not in use.

    Its `parts` say what of it the customer has too.
    """

    xero_id: UUID
    copy: XeroCopy
    reasons: tuple[str, ...]
    parts: Sequence[Part]
    weight: int
    linked: Contact | None = None

    @property
    def name(self) -> str:
        """Its name in Xero."""
        return self.copy.values["name"]

    @property
    def status(self) -> str:
        """Why it is not in use in Xero, in words; "" when it is."""
        return "Merged in Xero" if self.copy.merged_to else NOT_IN_USE.get(self.copy.status, "")

    @property
    def may_be_linked(self) -> bool:
        """Return whether the customer can be linked to it."""
        return self.linked is None and not self.status


@dataclass(frozen=True, slots=True)
class LinkChoice:
    """What a person chooses from: the candidates, and the search that brought some of them."""

    candidates: Sequence[LinkCandidate]
    search: XeroSearch | None


def choice_for(session: Session, business: Business, contact: Contact, tenant_id: UUID, *, now: datetime) -> LinkChoice:
    """List the candidates for a customer, from what was kept; nothing is asked of Xero."""
    search = current_search(session, contact, tenant_id, now=now)
    copies = copies_for(session, contact, tenant_id, search)
    linked = _linked(session, business, tenant_id, copies)
    found = [_candidate(business, contact, xero_id, kept, linked) for xero_id, kept in copies.items()]
    found = [one for one in found if one.linked is None or one.linked.id != contact.id]
    return LinkChoice(sorted(found, key=lambda one: (not one.may_be_linked, -one.weight, one.name)), search)


def _candidate(
    business: Business, contact: Contact, xero_id: UUID, kept: KeptCopy, linked: Mapping[UUID, Contact]
) -> LinkCandidate:
    ours = matching.Candidate(contact.id, contact.name_key, contact.email_key, tuple(contact.phone_keys.split()))
    values = kept.copy.values
    phones = tuple(phone_keys(values, business.country))
    theirs = matching.Candidate(xero_id, name_key(values["name"]), email_key(values["email"]), phones)
    agreed = matching.match(theirs, matching.Index.of([ours])).reasons
    weight = sum(WEIGHTS.get(reason, 0) for reason in agreed) + (WAS_LINKED_WEIGHT if kept.was_linked else 0)
    reasons = (*((WAS_LINKED,) if kept.was_linked else ()), *agreed)
    parts = mark_shared(parts_of(values, business.country), parts_of(values_of(contact), business.country))
    return LinkCandidate(xero_id, kept.copy, reasons, parts, weight, linked.get(xero_id))


def _linked(
    session: Session, business: Business, tenant_id: UUID, copies: Mapping[UUID, KeptCopy]
) -> dict[UUID, Contact]:
    rows = session.execute(
        select(Link.xero_id, Contact)
        .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
        .where(Link.business_id == business.id, Link.tenant_id == tenant_id, Link.xero_id.in_(copies))
    )
    return {xero_id: contact for xero_id, contact in rows if xero_id is not None}
