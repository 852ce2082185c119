"""The list of organisations that a consent covers: GET and DELETE /connections.

These calls count against no organisation's limits. The access token is sent only to the address in the settings: no
redirect is followed.
"""

from http import HTTPStatus
from uuid import UUID

import httpx2

from posxero.settings import Settings
from posxero.xero.decoding import decode
from posxero.xero.errors import Missing
from posxero.xero.exchange import Response, exchange
from posxero.xero.refusals import error_for
from posxero.xero.shapes import TenantConnection

ORGANISATION = "ORGANISATION"  # the type of a tenant that keeps books; a practice keeps none


def list_tenants(
    http: httpx2.Client, settings: Settings, access_token: str, auth_event_id: str = ""
) -> list[TenantConnection]:
    """List the organisations that one consent covers, or all that the token's user ever connected.

    Args:
        http: The connections to Xero.
        settings: The address of the API, and the time-outs.
        access_token: Of the user.
        auth_event_id: Of the consent; "" lists all.

    Raises:
        XeroError: As for every read.
    """
    params = {"authEventId": auth_event_id} if auth_event_id else {}
    response = _call(http, settings, "GET", f"{settings.xero.api_url}/connections", access_token, params)
    if response.status != HTTPStatus.OK:
        raise error_for(response, is_read=True)
    return [tenant for tenant in decode(response.body, list[TenantConnection]) if tenant.tenant_type == ORGANISATION]


def delete_connection(http: httpx2.Client, settings: Settings, access_token: str, xero_connection_id: str) -> None:
    """Disconnect the app from one organisation; the tokens stay good for the others that the consent covers.

    A connection that was already removed in Xero counts as deleted.

    Raises:
        XeroError: As for every write.
    """
    url = f"{settings.xero.api_url}/connections/{UUID(xero_connection_id)}"
    response = _call(http, settings, "DELETE", url, access_token, {})
    if response.is_success:
        return
    error = error_for(response, is_read=False)
    if not isinstance(error, Missing):
        raise error


def _call(
    http: httpx2.Client, settings: Settings, method: str, url: str, access_token: str, params: dict[str, str]
) -> Response:
    timings = settings.timings
    request = http.build_request(
        method,
        url,
        params=params,
        headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"},
        timeout=httpx2.Timeout(timings.token_timeout, connect=timings.connect_timeout),
    )
    return exchange(http, request, deadline=2 * timings.token_timeout)
