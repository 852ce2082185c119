"""A consent under way: from the click on Connect to the choice of an organisation.

Its state is random, used once, good for ten minutes, and bound to the sign-in, the person and the business that began
it. Tokens of a consent that ends in no connection are wiped.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import User
from posxero.db.connection import Connection, Consent, Grant
from posxero.db.engine import begin_writing, rows_changed
from posxero.services.accounts.security_log import Actor
from posxero.services.xero_connection import grant_cleanup, tenant_choice, tenants
from posxero.services.xero_connection.errors import (
    CodeExpired,
    ConnectError,
    Declined,
    NoOrganisation,
    StateExpired,
    StateUsed,
    TenantTaken,
    WrongState,
    XeroAway,
)
from posxero.services.xero_connection.tenant_choice import CONSENT_LIFETIME
from posxero.services.xero_connection.tenants import Tenant
from posxero.xero import identity
from posxero.xero.consent import authorization_request
from posxero.xero.errors import CodeRefused, VaultError, XeroError
from posxero.xero.identity import IssuedTokens
from posxero.xero.ports import XeroPorts

CONSENT_ROW_LIFETIME = timedelta(hours=1)  # how long a consent's row explains what happened to it

log = structlog.get_logger(__name__)


def begin(session: Session, ports: XeroPorts, user: User, session_hash: str, *, now: datetime) -> str:
    """Note a consent and give the address of Xero's page. Commits."""
    begin_writing(session)
    _delete_old(session, user.business_id, before=now - CONSENT_ROW_LIFETIME)
    request = authorization_request(ports.settings)
    session.add(
        Consent(
            business_id=user.business_id,
            state_hash=_hash(request.state),
            session_hash=session_hash,
            user_id=user.id,
            verifier=ports.vault.seal_text(request.code_verifier),
            created_at=now,
        )
    )
    session.commit()
    return request.url


def decline(session: Session, user: User, session_hash: str, *, state: str, now: datetime) -> ConnectError:
    """Use the state up after Xero answered with an error, and say what happened. Commits."""
    try:
        _consume_state(session, user, session_hash, state, now=now)
    except ConnectError as error:
        return error
    return Declined()


def complete(
    session: Session,
    ports: XeroPorts,
    user: User,
    session_hash: str,
    *,
    state: str,
    code: str,
    now: datetime,
    address: str = "",
) -> Connection | Consent:
    """Exchange the code and connect, or leave the choice to the owner. Talks to Xero; no transaction is open then.

    Returns:
        The connection; or the consent, when it holds several organisations, or another one than customers are
        linked to.

    Raises:
        Unconnected: Nothing was connected, and no token is kept.
    """
    consent = _consume_state(session, user, session_hash, state, now=now)
    try:
        granted = identity.exchange_code(ports.http, ports.settings, code, ports.vault.open_text(consent.verifier))
        found = tenants.of_consent(ports, granted)
    except CodeRefused as error:
        raise CodeExpired from error
    except VaultError as error:
        raise WrongState from error
    except XeroError as error:
        log.warning("consent.xero_away", error=type(error).__name__)
        raise XeroAway from error
    if not found:
        raise NoOrganisation
    first = tenant_choice.option_for(session, user.business_id, found[0])
    if first.taken and len(found) == 1:
        raise TenantTaken(first.tenant.name)
    _store_grant(session, ports, consent, granted, found, now=now)
    if len(found) > 1 or first.earlier:
        return consent
    by = Actor(name=user.name, user_id=user.id, address=address)
    return tenant_choice.choose(
        session, user.business, consent, first.tenant.tenant_id, by=by, confirmed=False, now=now
    )


def _consume_state(session: Session, user: User, session_hash: str, state: str, *, now: datetime) -> Consent:
    """Use a state up; a second time it is refused. Commits."""
    begin_writing(session)
    mine = (
        Consent.state_hash == _hash(state),
        Consent.business_id == user.business_id,
        Consent.user_id == user.id,
        Consent.session_hash == session_hash,
    )
    fresh = (Consent.used_at.is_(None), Consent.created_at > now - CONSENT_LIFETIME)
    used = session.execute(
        update(Consent).where(*mine, *fresh).values(used_at=now).execution_options(synchronize_session=False)
    )
    consent = session.scalar(select(Consent).where(*mine).execution_options(populate_existing=True))
    session.commit()
    if consent is None:
        raise WrongState
    if not rows_changed(used):
        raise StateUsed if consent.used_at else StateExpired
    return consent


def _store_grant(
    session: Session, ports: XeroPorts, consent: Consent, granted: IssuedTokens, found: list[Tenant], *, now: datetime
) -> None:
    """Keep the tokens and the organisations. Commits, before anything is done with them."""
    begin_writing(session)
    grant_id = new_id()
    grant = Grant(
        id=grant_id,
        tokens=ports.vault.seal(grant_id, granted.tokens, business_id=consent.business_id),
        expires_at=now + granted.lifetime,
        refreshed_at=now,
        scopes=granted.scopes,
        auth_event_id=granted.auth_event_id,
    )
    session.add(grant)
    session.flush()
    consent.grant_id, consent.organisations = grant_id, [one.to_json() for one in found]
    session.commit()


def _delete_old(session: Session, business_id: UUID, *, before: datetime) -> None:
    """Delete old consents and the tokens of those that ended in no connection."""
    old = session.scalars(select(Consent).where(Consent.business_id == business_id, Consent.created_at < before)).all()
    for consent in old:
        session.delete(consent)
    session.flush()
    for grant_id in {consent.grant_id for consent in old if consent.grant_id}:
        grant_cleanup.delete_if_unused(session, grant_id)


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()
