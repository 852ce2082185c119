"""Find out what a refusal of the Accounting API means, from the list of organisations at /connections.

A connection that is marked lost sends nothing until the owner connects again, so a failure of one part of Xero must not
end it.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import structlog

from posxero.xero import connections_api
from posxero.xero.client import XeroClient
from posxero.xero.errors import (
    AccessDenied,
    ConsentLost,
    TemporarilyRefused,
    TokenExpired,
    Unavailable,
    XeroError,
)
from posxero.xero.ports import XeroPorts
from posxero.xero.refusals import APP_DISCONNECTED

REFUSED_BUT_LISTED = "Xero isn't giving us access right now, although it lists this organisation as connected."
NOT_CONFIRMED = (
    "Xero isn't giving us access, and we can't check right now whether this organisation is still connected."
)

T = TypeVar("T")
log = structlog.get_logger(__name__)


def attempt(
    ports: XeroPorts, tenant_id: UUID, operation: Callable[[XeroClient], T], client: XeroClient, *, is_fresh: bool
) -> T:
    """Run an operation; when Xero refuses access, check at /connections why. No transaction may be open.

    Args:
        ports: The connections to Xero.
        tenant_id: The organisation that is called.
        operation: Makes the call.
        client: With the token to use.
        is_fresh: The token was refreshed just now, so that a 401 does not mean that it expired.

    Raises:
        TokenExpired: The token is not accepted, nor by /connections where that was asked.
        ConsentLost: /connections does not list the organisation.
        TemporarilyRefused: /connections lists it, so this is an outage.
        XeroError: What else the operation raises; Unavailable also where /connections cannot be read.
    """
    try:
        return operation(client)
    except AccessDenied as error:
        raise _verified_refusal(ports, tenant_id, client.access_token, error.reason) from error
    except TokenExpired as error:
        if not is_fresh:
            raise
        raise _verified_refusal(ports, tenant_id, client.access_token, APP_DISCONNECTED) from error


def _verified_refusal(ports: XeroPorts, tenant_id: UUID, access_token: str, reason: str) -> XeroError:
    try:
        tenants = connections_api.list_tenants(ports.http, ports.settings, access_token)
    except TokenExpired as error:
        return error
    except XeroError as error:
        log.warning("connection.not_confirmed", tenant=str(tenant_id), error=type(error).__name__)
        return Unavailable(NOT_CONFIRMED)
    if any(tenant.tenant_id == tenant_id for tenant in tenants):
        log.warning("connection.refused_but_listed", tenant=str(tenant_id))
        return TemporarilyRefused(REFUSED_BUT_LISTED)
    return ConsentLost(reason)
