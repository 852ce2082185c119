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
from posxero.services.xero_connection.connections import Earlier
from posxero.services.xero_connection.errors import NotGranted, TenantTaken
from posxero.services.xero_connection.tenants import Chosen

LONGEST = timedelta(minutes=10)  # from Connect to Xero's answer, and again to the choice


@dataclass(frozen=True, slots=True)
class Choice:
    """An organisation to choose, and what choosing it would mean."""

    chosen: Chosen
    taken: bool  # another business is connected to it
    earlier: Earlier | None  # customers are linked to this other organisation


class Unsure(Exception):
    """The owner has not said that another organisation than before is meant."""


def waiting(session: Session, business_id: UUID, consent_id: UUID, session_hash: str) -> Consent:
    """Find a consent whose organisation is to be chosen in this sign-in.

    Raises:
        NotFound: There is none.
    """
    consent = session.get(Consent, (business_id, consent_id))
    if consent is None or consent.session_hash != session_hash or not consent.organisations:
        raise NotFound
    return consent


def listed(session: Session, consent: Consent) -> list[Choice]:
    """List the organisations of a consent."""
    return [of(session, consent.business_id, Chosen.from_json(one)) for one in consent.organisations]


def choose(
    session: Session, business: Business, consent: Consent, tenant_id: UUID, *, by: Actor, sure: bool, now: datetime
) -> Connection:
    """Connect the organisation that was chosen. Commits.

    Args:
        sure: Go on although customers are linked to another organisation.

    Raises:
        NotGranted: It is not in the consent, or the consent is over.
        TenantTaken: Another business is connected to it.
        Unsure: Customers are linked to another organisation, and `sure` is false.
    """
    found = {UUID(one["tenant_id"]): Chosen.from_json(one) for one in consent.organisations}
    if tenant_id not in found or consent.grant_id is None or now - (consent.used_at or now) > LONGEST:
        raise NotGranted
    if connections.taken(session, business.id, tenant_id):
        raise TenantTaken(found[tenant_id].name)
    if not sure and connections.earlier(session, business.id, tenant_id):
        raise Unsure
    connection = connections.connect(session, business, found[tenant_id], grant_id=consent.grant_id, by=by, now=now)
    with writing(session):
        consent.organisations = []
    return connection


def of(session: Session, business_id: UUID, one: Chosen) -> Choice:
    """Say what choosing an organisation would mean."""
    taken = connections.taken(session, business_id, one.tenant_id)
    return Choice(one, taken, connections.earlier(session, business_id, one.tenant_id))
