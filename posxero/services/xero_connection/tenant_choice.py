"""Which organisation of a consent to connect: the owner chooses, and is warned before links are left behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.connection import Connection, Consent
from posxero.db.engine import writing
from posxero.services.accounts.security_log import Actor
from posxero.services.errors import NotFound
from posxero.services.xero_connection import connections
from posxero.services.xero_connection.connections import LinkedOrganisation
from posxero.services.xero_connection.errors import NotGranted, TenantTaken
from posxero.services.xero_connection.tenants import Tenant

CONSENT_LIFETIME = timedelta(minutes=10)  # from Connect to Xero's answer, and again to the choice


@dataclass(frozen=True, slots=True)
class TenantOption:
    """An organisation to choose, and what choosing it would mean."""

    tenant: Tenant
    taken: bool  # another business is connected to it
    earlier: LinkedOrganisation | None  # customers are linked to this other organisation


class ConfirmationRequired(Exception):
    """The owner has not said that another organisation than before is meant."""


def get_pending(session: Session, business_id: UUID, consent_id: UUID, session_hash: str) -> Consent:
    """Find a consent whose organisation is to be chosen in this sign-in.

    Raises:
        NotFound: There is none.
    """
    consent = session.get(Consent, (business_id, consent_id))
    if consent is None or consent.session_hash != session_hash or not consent.organisations:
        raise NotFound
    return consent


def options_of(session: Session, consent: Consent) -> list[TenantOption]:
    """List the organisations of a consent."""
    return [option_for(session, consent.business_id, Tenant.from_json(one)) for one in consent.organisations]


def choose(
    session: Session,
    business: Business,
    consent: Consent,
    tenant_id: UUID,
    *,
    by: Actor,
    confirmed: bool,
    now: datetime,
) -> Connection:
    """Connect the organisation that was chosen. Commits.

    Args:
        confirmed: Go on although customers are linked to another organisation.

    Raises:
        NotGranted: It is not in the consent, or the consent is over.
        TenantTaken: Another business is connected to it.
        Unsure: Customers are linked to another organisation, and `confirmed` is false.
    """
    found = {UUID(one["tenant_id"]): Tenant.from_json(one) for one in consent.organisations}
    if tenant_id not in found or consent.grant_id is None or now - (consent.used_at or now) > CONSENT_LIFETIME:
        raise NotGranted
    if connections.is_taken(session, business.id, tenant_id):
        raise TenantTaken(found[tenant_id].name)
    if not confirmed and connections.other_linked_organisation(session, business.id, tenant_id):
        raise ConfirmationRequired
    connection = connections.connect(session, business, found[tenant_id], grant_id=consent.grant_id, by=by, now=now)
    with writing(session):
        consent.organisations = []
    return connection


def option_for(session: Session, business_id: UUID, one: Tenant) -> TenantOption:
    """Say what choosing an organisation would mean."""
    taken = connections.is_taken(session, business_id, one.tenant_id)
    return TenantOption(one, taken, connections.other_linked_organisation(session, business_id, one.tenant_id))
