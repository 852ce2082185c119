"""What a refusal of the Accounting API means: the list of organisations that Xero keeps is asked as well.

A connection that is marked lost sends nothing until the owner connects again, so that one part of Xero being out of
order must not end it.
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
from posxero.xero.refusals import REMOVED

LISTED = "Xero isn't giving us access right now, although it lists this organisation as connected."
UNLISTED = "Xero isn't giving us access, and we can't check right now whether this organisation is still connected."

T = TypeVar("T")
log = structlog.get_logger(__name__)


def attempt(ports: XeroPorts, tenant_id: UUID, use: Callable[[XeroClient], T], client: XeroClient, *, fresh: bool) -> T:
    """Let `use` make its call. What a refusal of it means is asked at /connections; no transaction may be open.

    Args:
        ports: The connections to Xero.
        tenant_id: The organisation that is called.
        use: Makes the call.
        client: With the token to use.
        fresh: The token was refreshed just now, so that a 401 does not mean that it ran out.

    Raises:
        TokenExpired: The token is not accepted; by /connections neither, where that was asked.
        ConsentLost: The organisation is not among those that the token may see.
        TemporarilyRefused: It is, so this is an outage.
        XeroError: What else `use` raises; Unavailable also where the list cannot be had.
    """
    try:
        return use(client)
    except AccessDenied as error:
        raise _verified_refusal(ports, tenant_id, client.access_token, error.reason) from error
    except TokenExpired as error:
        if not fresh:
            raise
        raise _verified_refusal(ports, tenant_id, client.access_token, REMOVED) from error


def _verified_refusal(ports: XeroPorts, tenant_id: UUID, access_token: str, reason: str) -> XeroError:
    try:
        listed = connections_api.list_tenants(ports.http, ports.settings, access_token)
    except TokenExpired as error:
        return error
    except XeroError as error:
        log.warning("connection.not_confirmed", tenant=str(tenant_id), error=type(error).__name__)
        return Unavailable(UNLISTED)
    if any(tenant.tenant_id == tenant_id for tenant in listed):
        log.warning("connection.refused_but_listed", tenant=str(tenant_id))
        return TemporarilyRefused(LISTED)
    return ConsentLost(reason, connection_only=True)
