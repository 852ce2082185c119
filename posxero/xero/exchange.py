"""One request to Xero and its whole answer, or what became of it. No redirect is followed, nothing is tried twice."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx2

from posxero.xero.errors import OutcomeUnknown, TooLarge, TooSlow, Unavailable, Unreachable, XeroError

LARGEST = 32 * 2**20  # bytes of an answer once unpacked: a thousand contacts are 1.5 MB, the largest seen 20 MB
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.InvalidURL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes

    @property
    def good(self) -> bool:
        """Tell whether it is a success, 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def exchange(http: httpx2.Client, request: httpx2.Request, *, deadline: float) -> Answer:
    """Send a request and read its answer.

    Args:
        http: The client that holds the connections.
        request: Made by that client, with its time-outs.
        deadline: Seconds after which an answer that still trickles in is given up.

    Raises:
        Unreachable: Nothing was sent.
        TooSlow, Unavailable: No answer to a request that only reads.
        OutcomeUnknown: No answer to one that writes.
        TooLarge: The answer is larger than 32 MB.
    """
    end = time.monotonic() + deadline
    reads = request.method == "GET"
    try:
        response = http.send(request, stream=True, follow_redirects=False)
        try:
            return Answer(response.status_code, response.headers, _read(response, end, reads=reads))
        finally:
            response.close()
    except NOT_SENT as error:
        raise Unreachable(f"Xero cannot be reached: {type(error).__name__}") from error
    except httpx2.TimeoutException as error:
        raise _no_answer("Xero did not answer in time", reads=reads, slow=True) from error
    except httpx2.RequestError as error:
        raise _no_answer(f"the connection to Xero broke: {type(error).__name__}", reads=reads) from error


def _read(response: httpx2.Response, end: float, *, reads: bool) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge("Xero's answer is larger than 32 MB")
        if time.monotonic() > end:
            raise _no_answer("Xero's answer took too long", reads=reads, slow=True)
    return bytes(body)


def _no_answer(message: str, *, reads: bool, slow: bool = False) -> XeroError:
    if not reads:
        return OutcomeUnknown(message)
    return TooSlow(message) if slow else Unavailable(message)
