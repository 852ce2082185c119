"""Invitations: an owner names a person and a role, and the person chooses the email and the password.

So an owner never learns whether an email signs in at another business, and never knows
another person's password. A link can be used once, while the person who made it may still
manage users.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.business import Business, User
from posxero.db.engine import rows_changed, writing
from posxero.db.invitation import Invitation
from posxero.domain.enums import Right, Role
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import sessions, user_rules, users
from posxero.services.accounts.security_log import Actor, record
from posxero.services.errors import NotFound

VALID = timedelta(days=7)
TOKEN_BYTES = 32  # 256 random bits


class InvitationClosed(Exception):
    """The invitation is unknown, used, withdrawn, replaced or expired, or who made it may no longer invite."""


def create(
    session: Session, by: User, *, name: str, role: str, now: datetime, address: str = ""
) -> tuple[Invitation, str]:
    """Invite a person to the business of `by`; commits.

    Args:
        address: The network address of `by`, for the security log.

    Returns:
        The invitation, and the token for its link: only its hash is stored.

    Raises:
        InvalidUser: The name or the role is wrong.
    """
    errors = user_rules.check_name_and_role(name=name, role=role)
    if errors:
        raise user_rules.InvalidUser(errors)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(
        business_id=by.business_id,
        name=" ".join(name.split()),
        role=Role(role),
        token_hash=sessions.hash_secret(token),
        invited_by=by,
        created_at=now,
        expires_at=now + VALID,
    )
    with writing(session):
        session.add(invitation)
        who = Actor(name=by.name, user_id=by.id, address=address)
        kind, role_label = SecurityEventKind.USER_INVITED, invitation.role.label
        record(session, by.business_id, kind, by=who, now=now, subject=invitation.name, detail=role_label)
    return invitation, token


def list_open(session: Session, business_id: UUID) -> list[Invitation]:
    """List the invitations that were neither used nor withdrawn, in the order of their names."""
    query = select(Invitation).where(Invitation.business_id == business_id, Invitation.used_at.is_(None))
    return list(session.scalars(query.order_by(Invitation.name, Invitation.id)))


def is_usable(invitation: Invitation, now: datetime) -> bool:
    """Return whether the link of an invitation can be used."""
    by = invitation.invited_by
    may_invite = by.removed_at is None and by.role.may(Right.OWN)
    return invitation.used_at is None and now < invitation.expires_at and may_invite


def renew(session: Session, by: User, invitation_id: UUID, *, now: datetime) -> tuple[Invitation, str]:
    """Replace the link of an invitation: the old one can no longer be used; commits.

    Returns:
        The invitation, and the token for its new link.

    Raises:
        NotFound: There is none, it was used or withdrawn, or it is another business's.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with writing(session):
        changed = session.execute(
            update(Invitation)
            .where(*_open(by.business_id, invitation_id))
            .values(token_hash=sessions.hash_secret(token), invited_by_id=by.id, created_at=now, expires_at=now + VALID)
            .execution_options(synchronize_session=False)
        )
        if not rows_changed(changed):
            raise NotFound
        invitation = session.get_one(Invitation, (by.business_id, invitation_id), populate_existing=True)
    return invitation, token


def withdraw(session: Session, business_id: UUID, invitation_id: UUID) -> str:
    """Delete an open invitation; commits.

    Returns:
        The name of the person who was invited.

    Raises:
        NotFound: There is none, it was used or withdrawn, or it is another business's.
    """
    with writing(session):
        statement = delete(Invitation).where(*_open(business_id, invitation_id)).returning(Invitation.name)
        name = session.execute(statement.execution_options(synchronize_session=False)).scalar_one_or_none()
    if name is None:
        raise NotFound
    return name


def find(session: Session, token: str, *, now: datetime) -> Invitation:
    """Load the invitation of a link.

    Raises:
        InvitationClosed: The link cannot be used.
    """
    query = select(Invitation).where(Invitation.token_hash == sessions.hash_secret(token))
    invitation = session.scalar(query.execution_options(populate_existing=True))
    if invitation is None or not is_usable(invitation, now):
        raise InvitationClosed
    return invitation


def accept(session: Session, token: str, *, email: str, password: str, address: str, now: datetime) -> User:
    """Add the invited person as a user; commits. Of several at once, one succeeds.

    Args:
        address: The network address of the person, for the security log.

    Raises:
        InvitationClosed: The link cannot be used; nothing is added.
        InvalidUser: The email or the password is wrong, or the email is another user's. The link stays usable.
    """
    invited = find(session, token, now=now)
    business = session.get_one(Business, invited.business_id)
    user = users.build(business, name=invited.name, email=email, role=invited.role, password=password, now=now)
    by = Actor(name=user.name, user_id=user.id, address=address)
    detail = f"{user.role.label}, invited by {invited.invited_by.name}"
    try:
        with writing(session):
            _use(session, token, now)
            session.add(user)
            record(session, business.id, SecurityEventKind.USER_ADDED, by=by, now=now, subject=user.name, detail=detail)
    except IntegrityError:
        raise user_rules.email_taken() from None
    return user


def _open(business_id: UUID, invitation_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Invitation.business_id == business_id, Invitation.id == invitation_id, Invitation.used_at.is_(None)


def _use(session: Session, token: str, now: datetime) -> None:
    used = session.execute(
        update(Invitation)
        .where(
            Invitation.token_hash == sessions.hash_secret(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(used):
        raise InvitationClosed
