"""Record what each submitted form created, so that a second submission of it creates nothing."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.db.form_submission import FormPurpose, FormSubmission
from posxero.services.errors import NotFound

RETENTION: Final = timedelta(days=30)  # since the form was submitted; a draft lives 7 days


def find_result(session: Session, business_id: UUID, idempotency_key: str, purpose: FormPurpose) -> UUID | None:
    """Return the id of what an earlier submission of the form created; None when this is the first.

    Args:
        idempotency_key: Of the form; "" finds nothing.

    Raises:
        NotFound: The key was submitted with a form of another purpose.
    """
    earlier = session.get(FormSubmission, (business_id, idempotency_key)) if idempotency_key else None
    if earlier is None:
        return None
    if earlier.purpose is not purpose:
        raise NotFound(idempotency_key)
    return earlier.result_id


def record(
    session: Session, business_id: UUID, idempotency_key: str, purpose: FormPurpose, result_id: UUID, *, now: datetime
) -> None:
    """Record what a form creates; the caller commits. An empty key records nothing.

    Raises:
        IntegrityError: Another transaction recorded the key a moment earlier; this one waited for it.
    """
    if not idempotency_key:
        return
    row = FormSubmission(
        business_id=business_id,
        idempotency_key=idempotency_key,
        purpose=purpose,
        result_id=result_id,
        created_at=now,
    )
    session.add(row)
    session.flush()


def is_recorded(session: Session, business_id: UUID, idempotency_key: str) -> bool:
    """Return whether a form with this key was submitted and created something."""
    return session.get(FormSubmission, (business_id, idempotency_key)) is not None


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete what is older than `RETENTION`, of all businesses. Ends the transaction; writes only when needed."""
    expired = FormSubmission.created_at < now - RETENTION
    found = session.scalar(select(exists().where(expired)))
    session.commit()
    if found:
        with writing(session):
            session.execute(delete(FormSubmission).where(expired).execution_options(synchronize_session=False))
