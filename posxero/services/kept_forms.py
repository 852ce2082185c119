"""Forms that arrive after the sign-in ran out are kept for the person, so that nothing typed is lost."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from posxero.db.business import KeptForm, UserSession
from posxero.db.engine import writing
from posxero.services.errors import NotFound
from posxero.services.sign_in import hashed

KEPT = timedelta(hours=1)
SECRET = {"csrf_token", "password"}  # never kept


def keep(
    session: Session, secret: str, *, path: str, fields: Iterable[tuple[str, str]], now: datetime
) -> KeptForm | None:
    """Keep what a person sent, if the sign-in that ran out is known and the person is still one of the business.

    Args:
        secret: Of the sign-in that ran out; "" for nobody.
        path: Where it was sent.
        fields: Name and value, in the order of the form.
    """
    found = session.get(UserSession, hashed(secret)) if secret else None
    if found is None or found.user.removed_at is not None:
        return None
    form = KeptForm(
        business_id=found.business_id,
        user_id=found.user_id,
        path=path,
        fields=[[name, value] for name, value in fields if name not in SECRET],
        kept_at=now,
    )
    old = (KeptForm.business_id == found.business_id, KeptForm.kept_at < now - KEPT)
    with writing(session):
        session.execute(delete(KeptForm).where(*old))
        session.add(form)
    return form


def get(session: Session, business_id: UUID, user_id: UUID, form_id: UUID, *, now: datetime) -> KeptForm:
    """Load a form that was kept for this person.

    Raises:
        NotFound: There is none, it is too old, or it is another person's.
    """
    form = session.get(KeptForm, (business_id, form_id))
    if form is None or form.user_id != user_id or now - form.kept_at > KEPT:
        raise NotFound
    return form
