"""Contact forms that arrive after the sign-in ended become drafts, so that nothing typed is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.business import User, UserSession
from posxero.services.accounts.sign_in import hash_secret
from posxero.services.contacts import drafts
from posxero.services.contacts.drafts import SentForm
from posxero.services.errors import NotFound


def keep(session: Session, secret: str, sent: SentForm, *, now: datetime) -> UUID | None:
    """Keep a form as the draft of the person whose sign-in ended, if that is known.

    Args:
        secret: Of the sign-in that ended; "" for nobody.

    Returns:
        The draft's id; None when nothing was kept: the person is not known or was removed, the
        contact is not one of the business, or the form has no contact field.

    Raises:
        TooLarge: The form is larger than what is kept.
    """
    user = _user(session, secret)
    if user is None:
        return None
    try:
        return drafts.save_draft(session, user.business_id, user.id, sent, now=now)
    except NotFound:
        return None


def _user(session: Session, secret: str) -> User | None:
    found = session.get(UserSession, hash_secret(secret)) if secret else None
    return found.user if found and found.user.removed_at is None else None
