"""The organisations that a consent covers, and what Xero says about each."""

import time
from dataclasses import asdict, dataclass, replace
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

MAX_DETAILED = 8  # organisations whose details are read while the owner waits
MAX_DETAIL_SECONDS = 15.0  # after which no further organisation's details are read
DETAIL_ATTEMPTS = 2  # the short code, which View on Xero needs, is read nowhere else

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation that a consent covers; what Xero did not say is ""."""

    tenant_id: UUID
    xero_connection_id: str
    name: str
    short_code: str = ""
    country: str = ""
    timezone: str = ""
    currency: str = ""

    def to_json(self) -> dict[str, str]:
        """Return what a consent's row stores."""
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `to_json` returned."""
        return cls(**{**stored, "tenant_id": UUID(stored["tenant_id"])})

    def with_details(self, organisation: Organisation) -> Self:
        """Return a copy with what GET /Organisation says."""
        country, currency = (organisation.country_code or "").upper(), (organisation.base_currency or "").upper()
        return replace(
            self,
            name=(organisation.name or self.name)[:255],
            short_code=(organisation.short_code or "")[:32],
            country=country if len(country) == 2 else "",  # noqa: PLR2004 - ISO 3166-1 alpha-2
            timezone=iana(organisation.timezone),
            currency=currency if len(currency) == 3 else "",  # noqa: PLR2004 - ISO 4217
        )


def list_granted(ports: XeroPorts, issued: IssuedTokens) -> list[Tenant]:
    """List the organisations of a consent by name, with their details where Xero gives them now.

    Raises:
        XeroError: The list itself cannot be read.
    """
    token = issued.tokens.access
    listed = connections_api.list_tenants(ports.http, ports.settings, token, issued.auth_event_id)
    if not listed and issued.auth_event_id:  # an organisation that was connected before may carry the earlier event
        listed = connections_api.list_tenants(ports.http, ports.settings, token)
    tenants = [Tenant(row.tenant_id, row.id, (row.tenant_name or "Xero organisation")[:255]) for row in listed]
    tenants.sort(key=lambda tenant: (tenant.name.casefold(), tenant.tenant_id))
    end = time.monotonic() + MAX_DETAIL_SECONDS
    return [
        add_details(ports, tenant, token) if index < MAX_DETAILED and time.monotonic() < end else tenant
        for index, tenant in enumerate(tenants)
    ]


def add_details(ports: XeroPorts, tenant: Tenant, access_token: str) -> Tenant:
    """Read the details of an organisation; it is returned without them where Xero does not give them."""
    client = XeroClient(ports.http, ports.settings.xero.api_url, tenant.tenant_id, access_token, ports.limits)
    for _ in range(DETAIL_ATTEMPTS):
        try:
            return tenant.with_details(client.organisation())
        except XeroError as error:
            log.warning("organisation.not_read", tenant=str(tenant.tenant_id), error=type(error).__name__)
            if isinstance(error, Limited):
                break
    return tenant
