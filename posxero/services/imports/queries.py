"""Find the imports of a business."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.import_ import Import
from posxero.services.errors import NotFound


def recent(session: Session, business_id: UUID, *, limit: int = 50) -> list[Import]:
    """List the imports of the business, newest first."""
    newest = select(Import).where(Import.business_id == business_id).order_by(Import.id.desc()).limit(limit)
    return list(session.scalars(newest))


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
