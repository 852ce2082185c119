"""One debt of a push: what Xero is owed of a contact, as it was read when it was claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.domain.copies import XeroCopy
from posxero.domain.doubts import Doubt
from posxero.domain.enums import LinkState
from posxero.domain.fields import MAPPED_KEYS
from posxero.services.push.creation import Creation
from posxero.services.push.in_flight import read_doubts


@dataclass(frozen=True, slots=True)
class Debt:
    """One contact as it was read for a push; `revision` is the one these values belong to."""

    link_id: UUID
    contact_id: UUID
    xero_id: UUID | None  # None: to be created in Xero
    revision: int
    values: Mapping[str, str]
    copy: XeroCopy
    differs_since_linked: bool
    tax_number_edited: bool
    state: LinkState
    owed: bool  # False: only to be verified
    verify: bool
    check: bool  # a check of `doubts` is due
    refresh: bool  # to be read before anything is sent: this database may be older than Xero
    tries: int
    doubts: tuple[Doubt, ...]
    creation: Creation | None  # one whose outcome is not known
    added_at: datetime  # when the contact was added here

    @property
    def name(self) -> str:
        """The contact's name, for reasons in words."""
        return self.values["name"]

    @property
    def must_read(self) -> bool:
        """Whether Xero must be read before anything is sent. The answer to a push is a check, too."""
        return self.verify or self.refresh or (self.check and not self.is_pushed)

    @property
    def is_pushed(self) -> bool:
        """Whether Xero is to get its values: it is owed, and nothing is in the way."""
        return self.owed and self.state is LinkState.ACTIVE

    def as_seen(self, xero_id: UUID, copy: XeroCopy) -> "Debt":
        """Return the debt with what Xero has now."""
        return replace(self, xero_id=xero_id, copy=copy)


def load_links(session: Session, business_id: UUID, link_ids: Sequence[UUID]) -> Sequence[tuple[Link, Contact]]:
    """Load links with their contacts, as the database has them now."""
    rows = session.execute(
        select(Link, Contact)
        .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
        .where(Link.business_id == business_id, Link.id.in_(link_ids))
        .order_by(Link.id)
        .execution_options(populate_existing=True)
    )
    return [(link, contact) for link, contact in rows]


def debt_of(link: Link, contact: Contact, now: datetime) -> Debt:
    """Read the debt of a link."""
    kept: dict[str, Any] = link.copy
    return Debt(
        link_id=link.id,
        contact_id=contact.id,
        xero_id=link.xero_id,
        revision=contact.revision,
        values={key: getattr(contact, key) for key in MAPPED_KEYS},
        copy=XeroCopy.from_json(kept),
        differs_since_linked=link.differs_since_linked,
        tax_number_edited=contact.tax_number_edited,
        state=link.state,
        owed=link.sent_revision < link.owed_revision,
        verify=link.verify_due,
        check=link.verify_again_at is not None and link.verify_again_at <= now,
        refresh=link.refresh_due,
        tries=link.tries,
        doubts=read_doubts(link.doubted),
        creation=Creation.of(link),
        added_at=contact.created_at,
    )
