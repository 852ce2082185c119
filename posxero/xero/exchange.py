"""Send one request to Xero and read its whole response. No redirect is followed, nothing is tried twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx2

from posxero.xero.errors import OutcomeUnknown, TooLarge, TooSlow, Unavailable, Unreachable, XeroError
from posxero.xero.transport import CallBudget, ResponseTooLarge, call_budget

# Bytes of a response, as received and once unpacked: a thousand contacts are 1.5 MB, the largest seen 20 MB.
MAX_RESPONSE_BYTES = 32 * 2**20
ACCEPTED_ENCODINGS = ("", "identity", "gzip")  # what is asked for: several in a row unpack to any size
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.InvalidURL)


@dataclass(frozen=True, slots=True)
class Response:
    """What Xero answered, with any status."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes

    @property
    def is_success(self) -> bool:
        """Return whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def exchange(
    http: httpx2.Client, request: httpx2.Request, *, deadline: float, max_bytes: int = MAX_RESPONSE_BYTES
) -> Response:
    """Send a request and read its response.

    Args:
        http: The client that holds the connections, made by `transport.open_http`.
        request: With the time-outs of each step.
        deadline: Seconds for the whole call, from the look-up of the host to the last byte of the response.
        max_bytes: What the response may hold, as received and once unpacked.

    Raises:
        Unreachable: Nothing was sent.
        TooSlow, Unavailable: A request that only reads got no response.
        OutcomeUnknown: One that writes got no response, or one that is too large.
        TooLarge: The response to a request that only reads is too large.
    """
    is_read = request.method == "GET"
    request.headers["Accept-Encoding"] = "gzip"
    try:
        with call_budget(deadline, max_bytes) as budget:
            return _send(http, request, budget, max_bytes)
    except NOT_SENT as error:
        raise Unreachable(f"Xero cannot be reached: {type(error).__name__}") from error
    except ResponseTooLarge as error:
        message = f"Xero's answer is larger than {max_bytes // 2**20} MB"
        raise (TooLarge(message) if is_read else OutcomeUnknown(message)) from error
    except httpx2.TimeoutException as error:
        raise _no_response("Xero did not answer in time", is_read=is_read, is_timeout=True) from error
    except httpx2.RequestError as error:
        raise _no_response(f"the connection to Xero broke: {type(error).__name__}", is_read=is_read) from error


def _send(http: httpx2.Client, request: httpx2.Request, budget: CallBudget, max_bytes: int) -> Response:
    response = http.send(request, stream=True, follow_redirects=False)
    try:
        if response.headers.get("Content-Encoding", "").strip().lower() not in ACCEPTED_ENCODINGS:
            raise httpx2.DecodingError("an encoding that was not asked for", request=request)
        return Response(response.status_code, response.headers, _read_body(response, budget, max_bytes))
    finally:
        response.close()


def _read_body(response: httpx2.Response, budget: CallBudget, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise ResponseTooLarge
        budget.timeout(None, httpx2.ReadTimeout)  # a chunk that was received may take long to unpack
    return bytes(body)


def _no_response(message: str, *, is_read: bool, is_timeout: bool = False) -> XeroError:
    if not is_read:
        return OutcomeUnknown(message)
    return TooSlow(message) if is_timeout else Unavailable(message)
