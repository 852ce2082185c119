"""What Xero last showed of contacts that a customer may be linked to, wherever it was kept."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.xero_lookup import UnlinkedCopy, XeroSearch
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState
from posxero.services.contacts.duplicates.not_imported import PersonKeys, select_not_imported

SEARCH_LIFETIME: Final = timedelta(hours=1)  # of the results of a search
UNLINKED_LIFETIME: Final = timedelta(days=30)  # of the copy of a contact that is not linked any more
ROWS_MAX: Final = 10  # staged contacts that are offered
NOT_KEPT: Final = {LinkState.ERASED, LinkState.MISSING}


class KeptCopy(NamedTuple):
    """A contact of Xero as it was last shown, and whether this customer was linked to it before."""

    copy: XeroCopy
    was_linked: bool = False


def keep_unlinked(session: Session, link: Link, *, now: datetime) -> None:
    """Keep the copy of a link that is removed, unless Xero has no such contact; the caller commits."""
    if link.xero_id is None or link.state in NOT_KEPT:
        return
    same = (
        UnlinkedCopy.business_id == link.business_id,
        UnlinkedCopy.contact_id == link.contact_id,
        UnlinkedCopy.tenant_id == link.tenant_id,
        UnlinkedCopy.xero_id == link.xero_id,
    )
    session.execute(delete(UnlinkedCopy).where(*same).execution_options(synchronize_session=False))
    session.add(
        UnlinkedCopy(
            business_id=link.business_id,
            id=new_id(),
            contact_id=link.contact_id,
            tenant_id=link.tenant_id,
            xero_id=link.xero_id,
            copy=link.copy,
            unlinked_at=now,
        )
    )


def copies_for(
    session: Session, contact: Contact, tenant_id: UUID, search: XeroSearch | None
) -> Mapping[UUID, KeptCopy]:
    """Return the contacts of Xero that a customer may be, by ContactID; a search's answer is the newest."""
    found = dict(_staged(session, contact, tenant_id))
    found |= _unlinked(session, contact, tenant_id)
    for xero_id, copy in search.results if search else ():
        key = UUID(xero_id)
        found[key] = KeptCopy(XeroCopy.from_json(copy), was_linked=key in found and found[key].was_linked)
    return found


def current_search(session: Session, contact: Contact, tenant_id: UUID, *, now: datetime) -> XeroSearch | None:
    """Load the search of a customer, unless it is too old."""
    return session.scalar(
        select(XeroSearch).where(
            XeroSearch.business_id == contact.business_id,
            XeroSearch.contact_id == contact.id,
            XeroSearch.tenant_id == tenant_id,
            XeroSearch.asked_at > now - SEARCH_LIFETIME,
        )
    )


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete old searches and copies, of all businesses. Ends the transaction; writes only when needed."""
    searches = XeroSearch.asked_at < now - SEARCH_LIFETIME
    copies = UnlinkedCopy.unlinked_at < now - UNLINKED_LIFETIME
    found = session.scalar(select(or_(exists().where(searches), exists().where(copies))))
    session.commit()
    if found:
        with writing(session):
            for table, expired in ((XeroSearch, searches), (UnlinkedCopy, copies)):
                session.execute(delete(table).where(expired).execution_options(synchronize_session=False))


def _unlinked(session: Session, contact: Contact, tenant_id: UUID) -> dict[UUID, KeptCopy]:
    rows = session.execute(
        select(UnlinkedCopy.xero_id, UnlinkedCopy.copy).where(
            UnlinkedCopy.business_id == contact.business_id,
            UnlinkedCopy.contact_id == contact.id,
            UnlinkedCopy.tenant_id == tenant_id,
        )
    )
    return {xero_id: KeptCopy(XeroCopy.from_json(copy), was_linked=True) for xero_id, copy in rows}


def _staged(session: Session, contact: Contact, tenant_id: UUID) -> Iterator[tuple[UUID, KeptCopy]]:
    phones = {phone for phone in (contact.phone_key, contact.mobile_key) if phone}
    keys = PersonKeys(contact.name_key, contact.email_key, phones)
    found = select_not_imported(contact.business_id, tenant_id, keys, limit=ROWS_MAX)
    for xero_id, _, copy in session.execute(found):
        yield xero_id, KeptCopy(XeroCopy.from_json(copy))
