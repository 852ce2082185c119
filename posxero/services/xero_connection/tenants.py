"""The organisations of a consent: which there are, and what Xero says of each."""

import time
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

import structlog

from posxero.xero import connections_api
from posxero.xero.client import XeroClient
from posxero.xero.errors import Limited, XeroError
from posxero.xero.identity import IssuedTokens
from posxero.xero.ports import XeroPorts
from posxero.xero.shapes import Organisation
from posxero.xero.timezones import iana

MAX_DETAILED = 8  # organisations of which the details are asked while the owner waits
MAX_DETAIL_SECONDS = 15.0  # after which no further organisation's details are asked

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation as the consent names it; what Xero did not say is ""."""

    tenant_id: UUID
    xero_connection_id: str
    name: str
    short_code: str = ""
    country: str = ""
    timezone: str = ""
    currency: str = ""

    def to_json(self) -> dict[str, str]:
        """Give what a consent's row keeps."""
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**{**kept, "tenant_id": UUID(kept["tenant_id"])})

    def detailed(self, said: Organisation) -> Self:
        """Add what GET /Organisation says."""
        country, currency = (said.country_code or "").upper(), (said.base_currency or "").upper()
        return type(self)(
            tenant_id=self.tenant_id,
            xero_connection_id=self.xero_connection_id,
            name=(said.name or self.name)[:255],
            short_code=(said.short_code or "")[:32],
            country=country if len(country) == 2 else "",  # noqa: PLR2004 - ISO 3166-1 alpha-2
            timezone=iana(said.timezone),
            currency=currency if len(currency) == 3 else "",  # noqa: PLR2004 - ISO 4217
        )


def of_consent(ports: XeroPorts, granted: IssuedTokens) -> list[Tenant]:
    """List the organisations of a consent, by name, with their details where Xero gives them now.

    Raises:
        XeroError: The list itself cannot be had.
    """
    token = granted.tokens.access
    found = connections_api.list_tenants(ports.http, ports.settings, token, granted.auth_event_id)
    if not found and granted.auth_event_id:  # a consent to what was connected before may carry the earlier event
        found = connections_api.list_tenants(ports.http, ports.settings, token)
    named = [Tenant(one.tenant_id, one.id, (one.tenant_name or "Xero organisation")[:255]) for one in found]
    named.sort(key=lambda one: (one.name.casefold(), one.tenant_id))
    end = time.monotonic() + MAX_DETAIL_SECONDS
    return [
        add_details(ports, one, token) if place < MAX_DETAILED and time.monotonic() < end else one
        for place, one in enumerate(named)
    ]


def add_details(ports: XeroPorts, one: Tenant, token: str) -> Tenant:
    """Ask for the details of one organisation; without them it can be connected all the same."""
    client = XeroClient(ports.http, ports.settings.xero.api_url, one.tenant_id, token, ports.limits)
    for last in (False, True):  # twice: the short code, which View on Xero needs, is read nowhere else
        try:
            return one.detailed(client.organisation())
        except XeroError as error:
            log.warning("organisation.not_read", tenant=str(one.tenant_id), error=type(error).__name__)
            if last or isinstance(error, Limited):
                break
    return one
