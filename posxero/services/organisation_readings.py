"""When accounts, tax rates and lock dates of an organisation are read again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from posxero.db.sales_settings import OrganisationSettings


def mark_due(session: Session, business_id: UUID, *, now: datetime) -> None:
    """Schedule them to be read by the next sweep; the caller commits."""
    session.execute(
        update(OrganisationSettings)
        .where(OrganisationSettings.business_id == business_id, OrganisationSettings.due_at > now)
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
