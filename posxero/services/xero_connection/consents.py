"""A consent under way: from the click on Connect to the choice of an organisation.

Its state is random, works once and for ten minutes, and is bound to the sign-in, the user and the business that began
it. The tokens of a consent that ends in no connection are deleted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import User
from posxero.db.connection import Connection, Consent, Grant
from posxero.db.engine import rows_changed, writing
from posxero.queue import JobQueue
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
    """Store a new consent and return the address of Xero's page. Commits."""
    request = authorization_request(ports.settings)
    with writing(session):
        _delete_older(session, user.business_id, than=now - CONSENT_ROW_LIFETIME)
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
    return request.url


def decline(session: Session, user: User, session_hash: str, *, state: str, now: datetime) -> ConnectError:
    """Consume the state after Xero came back with an error; return what to tell the owner. Commits."""
    try:
        _consume_state(session, user, session_hash, state, now=now)
    except ConnectError as error:
        return error
    return Declined()


def complete(
    session: Session,
    ports: XeroPorts,
    jobs: JobQueue,
    user: User,
    session_hash: str,
    *,
    state: str,
    code: str,
    now: datetime,
    address: str = "",
) -> Connection | Consent:
    """Exchange the code and connect, or leave the choice to the owner. No transaction is open during calls to Xero.

    Returns:
        The connection; or the consent, when it covers several organisations, or another one than customers are
        linked to.

    Raises:
        ConnectError: Nothing was connected, and no token is kept.
    """
    consent = _consume_state(session, user, session_hash, state, now=now)
    issued, granted = _ask_xero(ports, consent, code)
    if not granted:
        raise NoOrganisation
    first = tenant_choice.option_for(session, user.business_id, granted[0])
    if first.is_taken and len(granted) == 1:
        raise TenantTaken(first.tenant.name)
    _store_grant(session, ports, consent, issued, granted, now=now)
    if len(granted) > 1 or first.other_linked:
        return consent
    by = Actor(name=user.name, user_id=user.id, address=address)
    return tenant_choice.choose(
        session, jobs, user.business, consent, first.tenant.tenant_id, by=by, confirmed=False, now=now
    )


def _ask_xero(ports: XeroPorts, consent: Consent, code: str) -> tuple[IssuedTokens, list[Tenant]]:
    """Return the tokens of a consent and the organisations that it covers.

    Raises:
        ConnectError: There are none.
    """
    try:
        code_verifier = ports.vault.open_text(consent.verifier)
        issued = identity.exchange_code(ports.http, ports.settings, code, code_verifier)
        return issued, tenants.list_granted(ports, issued)
    except CodeRefused as error:
        raise CodeExpired from error
    except VaultError as error:
        raise WrongState from error
    except XeroError as error:
        log.warning("consent.xero_away", error=type(error).__name__)
        raise XeroAway from error


def _consume_state(session: Session, user: User, session_hash: str, state: str, *, now: datetime) -> Consent:
    """Mark a state as used and return its consent. Commits.

    Raises:
        WrongState: It is not one that this user asked for in this sign-in.
        StateUsed: It was used before.
        StateExpired: It is older than ten minutes.
    """
    belongs_to_user = (
        Consent.state_hash == _hash(state),
        Consent.business_id == user.business_id,
        Consent.user_id == user.id,
        Consent.session_hash == session_hash,
    )
    is_valid = (Consent.used_at.is_(None), Consent.created_at > now - CONSENT_LIFETIME)
    with writing(session):
        result = session.execute(
            update(Consent)
            .where(*belongs_to_user, *is_valid)
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )
        query = select(Consent).where(*belongs_to_user).execution_options(populate_existing=True)
        consent = session.scalar(query)
    if consent is None:
        raise WrongState
    if not rows_changed(result):
        raise StateUsed if consent.used_at else StateExpired
    return consent


def _store_grant(
    session: Session,
    ports: XeroPorts,
    consent: Consent,
    issued: IssuedTokens,
    granted: Sequence[Tenant],
    *,
    now: datetime,
) -> None:
    """Store the tokens and the organisations. Commits, before anything is done with them."""
    grant_id = new_id()
    grant = Grant(
        id=grant_id,
        tokens=ports.vault.seal(grant_id, issued.tokens, business_id=consent.business_id),
        expires_at=now + issued.lifetime,
        refreshed_at=now,
        scopes=issued.scopes,
        auth_event_id=issued.auth_event_id,
    )
    with writing(session):
        session.add(grant)
        session.flush()
        consent.grant_id, consent.organisations = grant_id, [tenant.to_json() for tenant in granted]


def _delete_older(session: Session, business_id: UUID, *, than: datetime) -> None:
    """Delete old consents and the tokens of those that ended in no connection; the caller commits."""
    query = select(Consent).where(Consent.business_id == business_id, Consent.created_at < than)
    consents = session.scalars(query).all()
    for consent in consents:
        session.delete(consent)
    session.flush()
    for grant_id in {consent.grant_id for consent in consents if consent.grant_id}:
        grant_cleanup.delete_if_unused(session, grant_id)


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()
