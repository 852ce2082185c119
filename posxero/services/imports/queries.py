"""Find the imports of a business."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.import_ import Import
from posxero.services.errors import NotFound
from posxero.services.push.feed.entries import PageRequest
from posxero.services.push.feed.filters import FeedFilter

FROM_XERO: Final = "xero"  # `?kind=` of an import from Xero
FROM_FILE: Final = "file"


def recent(session: Session, business_id: UUID, *, limit: int = 50) -> list[Import]:
    """List the imports of the business, newest first."""
    newest = select(Import).where(Import.business_id == business_id).order_by(Import.id.desc()).limit(limit)
    return list(session.scalars(newest))


def list_page(session: Session, business_id: UUID, wanted: FeedFilter, page: PageRequest) -> list[Import]:
    """List the imports that a person looks for, the newest first; one more than a page when there are older ones.

    The text is looked for in the name of the organisation or file; ids rise with the time.
    """
    query = select(Import).where(Import.business_id == business_id)
    if wanted.kind:
        query = query.where(Import.file_id.is_(None) if wanted.kind == FROM_XERO else Import.file_id.is_not(None))
    if wanted.person:
        query = query.where(Import.started_by == wanted.person)
    if wanted.text:
        query = query.where(Import.organisation.icontains(wanted.text, autoescape=True))
    if wanted.since:
        query = query.where(Import.started_at >= wanted.since)
    if wanted.until:
        query = query.where(Import.started_at < wanted.until)
    if page.after is not None:
        query = query.where(Import.id < page.after.id)
    return list(session.scalars(query.order_by(Import.id.desc()).offset(page.skip).limit(page.limit - page.skip)))


def current(session: Session, business_id: UUID) -> Import | None:
    """Find the import that is running, paused or in review."""
    return session.scalar(
        select(Import)
        .where(Import.business_id == business_id, Import.finished_at.is_(None))
        .execution_options(populate_existing=True)
    )


def get(session: Session, business_id: UUID, import_id: UUID) -> Import:
    """Find an import of the business.

    Raises:
        NotFound: The business has no such import.
    """
    run = session.get(Import, (business_id, import_id), populate_existing=True)
    if run is None:
        raise NotFound
    return run
