"""What Xero last showed of contacts that a customer may be linked to, wherever it was kept."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, delete, exists, literal_column, or_, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.import_ import NOT_IMPORTED, Import, ImportRow
from posxero.db.xero_lookup import UnlinkedCopy, XeroSearch
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState

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
    """Find contacts that the newest import read and did not bring in, by name, email or phone."""
    newest = (
        select(Import.id)
        .where(Import.business_id == contact.business_id, Import.tenant_id == tenant_id)
        .order_by(Import.started_at.desc())
        .limit(1)
    )
    phones = {phone for phone in (contact.phone_key, contact.mobile_key) if phone}
    agreements = [
        (contact.name_key, ImportRow.name_key == contact.name_key),
        (contact.email_key, ImportRow.email_key == contact.email_key),
        (phones, or_(ImportRow.phone_key.in_(phones), ImportRow.mobile_key.in_(phones))),
    ]
    agrees = [condition for value, condition in agreements if value]
    if not agrees:
        return
    rows = session.execute(
        select(ImportRow.xero_id, ImportRow.copy)
        .where(
            ImportRow.business_id == contact.business_id,
            ImportRow.import_id == newest.scalar_subquery(),
            literal_column(f"import_row.{NOT_IMPORTED}", Boolean),
            or_(*agrees),
        )
        .order_by(ImportRow.name_key, ImportRow.xero_id)
        .limit(ROWS_MAX)
    )
    for xero_id, copy in rows:
        yield xero_id, KeptCopy(XeroCopy.from_json(copy))
