"""Which imports wait for a worker."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from posxero.db.import_ import Import
from posxero.db.lease import is_over
from posxero.domain.enums import Phase

AT_WORK: Final = (Phase.READING, Phase.MATCHING, Phase.ADDING)


def due(session: Session, *, now: datetime) -> list[tuple[UUID, UUID]]:
    """List the imports that the sweep should hint at, as (business, import).

    An import is there when its hint was lost, its worker died, or its wait is over.
    """
    found = session.execute(select(Import.business_id, Import.id).where(is_due(now)))
    return [(business_id, import_id) for business_id, import_id in found]


def is_due(now: datetime) -> ColumnElement[bool]:
    """Write the condition: there is work to do, nobody has it, and it need not wait."""
    asked_to_cancel = Import.cancel_asked_at.is_not(None)
    return and_(
        Import.finished_at.is_(None),
        is_free(now),
        or_(Import.phase.in_(AT_WORK), asked_to_cancel),
        or_(is_over(Import.heartbeat_at, Import.paused_until, now), asked_to_cancel),
    )


def is_free(now: datetime) -> ColumnElement[bool]:
    """Write the condition: no worker has it, or the one that had it let its lease run out."""
    return is_over(Import.heartbeat_at, Import.lease_until, now)
