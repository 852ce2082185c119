"""Why a sign-in no longer holds."""

from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy.orm import Session

from posxero.db.business import UserSession
from posxero.services.accounts.sign_in import hash_secret


class SignInEnd(Enum):
    """How a sign-in came to its end."""

    IDLE = auto()  # nobody used it for the idle time
    TOO_OLD = auto()
    ENDED = auto()  # from elsewhere: signed out there, password changed, user removed


def end_of(session: Session, secret: str, *, now: datetime, idle: timedelta, absolute: timedelta) -> SignInEnd | None:
    """Return why a browser's sign-in does not hold; None when it holds, or the browser has none.

    Args:
        secret: Of the sign-in, from the browser's cookie; "" without one.
    """
    if not secret:
        return None
    found = session.get(UserSession, hash_secret(secret))
    if found is None or found.user.removed_at is not None:
        return SignInEnd.ENDED
    if now - found.created_at > absolute:
        return SignInEnd.TOO_OLD
    return SignInEnd.IDLE if now - found.active_at > idle else None
