"""Choose which organisation of a consent to connect; the owner is warned before links are left behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.connection import Connection, Consent
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.enums import ConnectionState
from posxero.queue import JobQueue
from posxero.services.accounts.security_log import Actor
from posxero.services.errors import NotFound
from posxero.services.xero_connection import connections
from posxero.services.xero_connection.connections import LinkedOrganisation
from posxero.services.xero_connection.errors import NotGranted, TenantTaken
from posxero.services.xero_connection.tenants import Tenant

CONSENT_LIFETIME = timedelta(minutes=10)  # from Connect to the return from Xero, and again to the choice


@dataclass(frozen=True, slots=True)
class TenantOption:
    """An organisation to choose, and what choosing it would mean."""

    tenant: Tenant
    is_taken: bool  # another business is connected to it
    other_linked: LinkedOrganisation | None  # the organisation whose links come to rest

    @property
    def was_started_over(self) -> bool:
        """Return whether it has the name of the organisation that customers are linked to: Xero's Demo Company."""
        return self.other_linked is not None and self.other_linked.name == self.tenant.name


class ConfirmationRequired(Exception):
    """The owner has not confirmed that another organisation than before is meant."""


def get_pending(session: Session, business_id: UUID, consent_id: UUID, session_hash: str) -> Consent:
    """Return a consent whose organisation is to be chosen in this sign-in.

    Raises:
        NotFound: There is none.
    """
    consent = session.get(Consent, (business_id, consent_id))
    if consent is None or consent.session_hash != session_hash or not consent.organisations:
        raise NotFound
    return consent


def options_of(session: Session, consent: Consent) -> list[TenantOption]:
    """List the organisations of a consent as options."""
    return [option_for(session, consent.business_id, tenant) for tenant in _tenants_of(consent)]


def option_for(session: Session, business_id: UUID, tenant: Tenant) -> TenantOption:
    """Return what choosing an organisation would mean for a business."""
    return TenantOption(
        tenant=tenant,
        is_taken=connections.is_taken(session, business_id, tenant.tenant_id),
        other_linked=_left_organisation(session, business_id, tenant.tenant_id),
    )


def choose(
    session: Session,
    jobs: JobQueue,
    business: Business,
    consent: Consent,
    tenant_id: UUID,
    *,
    by: Actor,
    confirmed: bool,
    now: datetime,
) -> Connection:
    """Connect the organisation that was chosen. Commits, then enqueues a push of what is owed.

    Args:
        session: Without pending changes.
        jobs: Where the push is enqueued.
        business: The business to connect.
        consent: The one that covers the organisation.
        tenant_id: The organisation.
        by: Who chose.
        confirmed: Connect although customers are linked to another organisation.
        now: The database's time.

    Raises:
        NotGranted: The consent does not cover it, or has expired.
        TenantTaken: Another business is connected to it.
        ConfirmationRequired: Customers are linked to another organisation, and `confirmed` is false.
    """
    tenant = next((tenant for tenant in _tenants_of(consent) if tenant.tenant_id == tenant_id), None)
    if tenant is None or consent.grant_id is None or now - (consent.used_at or now) > CONSENT_LIFETIME:
        raise NotGranted
    option = option_for(session, business.id, tenant)
    if option.is_taken:
        raise TenantTaken(tenant.name)
    if option.other_linked and not confirmed:
        raise ConfirmationRequired
    connection = connections.connect(session, business, tenant, grant_id=consent.grant_id, by=by, now=now)
    with writing(session):
        consent.organisations = []
    jobs.push(business.id)
    return connection


def _left_organisation(session: Session, business_id: UUID, tenant_id: UUID) -> LinkedOrganisation | None:
    """Return the organisation whose links come to rest; None where it is the one of now, or of last time, again."""
    ended = case((Connection.state == ConnectionState.ENDED, 1), else_=0)
    query = select(Connection).where(Connection.business_id == business_id)
    before = session.scalar(query.order_by(ended, Connection.connected_at.desc()).limit(1))
    if before is None or before.tenant_id == tenant_id:
        return None
    links = select(func.count()).where(Link.business_id == business_id, Link.tenant_id == before.tenant_id)
    if count := session.scalar(links):
        return LinkedOrganisation(before.tenant_id, before.name, count)
    return connections.other_linked_organisation(session, business_id, tenant_id)


def _tenants_of(consent: Consent) -> list[Tenant]:
    return [Tenant.from_json(stored) for stored in consent.organisations]
