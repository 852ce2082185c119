"""What the owner and the log are told of sign-ins that failed."""

from datetime import datetime

from sqlalchemy.orm import Session

from posxero.db.business import User
from posxero.db.engine import writing
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor, Facts
from posxero.services.accounts.throttle.sign_in import Admission, TooManyTries


def record_wrong_password(session: Session, user: User, admission: Admission, *, by: Actor, now: datetime) -> None:
    """Record a wrong password for a user, and alert the owners when there are many. Commits.

    A log line is written for each; rows are limited, so that an attacker cannot fill the database.
    """
    kind, many, name = SecurityEventKind.SIGN_IN_FAILED, SecurityEventKind.MANY_FAILURES, user.name
    business_id, facts = user.business_id, _facts(user, by, failures=admission.failures)
    if not admission.record and not admission.alert:
        security_log.write_line(kind, facts)
        return
    detail = f"{admission.failures:,} wrong so far" if admission.failures > 1 else ""
    with writing(session):
        security_log.record(session, business_id, kind, by=by, now=now, subject=name, detail=detail, facts=facts)
        if admission.alert:
            detail = "From devices this person has never used"
            security_log.record(session, business_id, many, by=by, now=now, subject=name, detail=detail, facts=facts)
            security_log.raise_alert(session, business_id, now=now)


def record_refusal(session: Session, user: User, refused: TooManyTries, *, by: Actor, now: datetime) -> None:
    """Record that a password was not looked at, because there were too many wrong ones before. Commits."""
    kind, facts = SecurityEventKind.THROTTLED, _facts(user, by, wait_seconds=int(refused.wait.total_seconds()))
    if not refused.record:
        security_log.write_line(kind, facts)
        return
    detail = "Too many wrong passwords from this address" if refused.of_address else "Too many wrong passwords"
    with writing(session):
        security_log.record(
            session, user.business_id, kind, by=by, now=now, subject=user.name, detail=detail, facts=facts
        )


def _facts(user: User, by: Actor, **more: int) -> Facts:
    return {"business": str(user.business_id), "user": str(user.id), "address": by.address, **more}
