"""Links whose contacts were merged in Xero, and searches that were answered, as workers leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from posxero.db.xero_lookup import XeroSearch
from posxero.domain import gone
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState
from posxero.services.push.links.merges import Survivor, SurvivorState
from tests.support.times import now

if TYPE_CHECKING:
    from uuid import UUID

    from posxero.db.contact import Contact, Link


def copy_of(name: str, **values: str) -> XeroCopy:
    """Return the copy of a contact of Xero that is in use."""
    return XeroCopy(values=XeroCopy().values | {"name": name, **values}, status="ACTIVE")


def merge(link: Link, into: UUID | None, name: str = "Ann Survivor") -> None:
    """Let a link's contact have been merged in Xero, and the one that survived be known."""
    assert into is not None
    link.state, link.reason = LinkState.MERGED, gone.REASONS[LinkState.MERGED]
    link.copy = XeroCopy(status="ARCHIVED", merged_to=str(into)).to_json()
    link.survivor = Survivor(str(into), into, SurvivorState.IN_USE, copy_of(name)).to_json()


def answered_search(contact: Contact, linked: Link) -> XeroSearch:
    """Return a search that found a contact that fits, one that is archived, and one that is linked."""
    archived = XeroCopy(values=copy_of("Ana Reid Trading").values, status="ARCHIVED")
    fits = copy_of(contact.name, email=contact.email, street_city="Napier")
    results = [
        (uuid4(), fits),
        (uuid4(), archived),
        (linked.xero_id, copy_of("Ana Reidsma", email="ana@other.example")),
    ]
    return XeroSearch(
        business_id=contact.business_id,
        tenant_id=linked.tenant_id,
        contact_id=contact.id,
        term="ana reid",
        asked_at=now(),
        answered_at=now(),
        results=[[str(xero_id), copy.to_json()] for xero_id, copy in results],
    )
