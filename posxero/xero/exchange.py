"""One request to Xero and its whole answer, or what became of it. No redirect is followed, nothing is tried twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx2

from posxero.xero.errors import OutcomeUnknown, TooLarge, TooSlow, Unavailable, Unreachable, XeroError
from posxero.xero.transport import AnswerTooLarge, CallBudget, call_budget

# Bytes of an answer, as they come and once unpacked: a thousand contacts are 1.5 MB, the largest seen 20 MB.
MAX_ANSWER_BYTES = 32 * 2**20
ENCODINGS = ("", "identity", "gzip")  # only what was asked for: several in a row unpack to any size
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.InvalidURL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes

    @property
    def good(self) -> bool:
        """Return whether it is a success, 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def exchange(http: httpx2.Client, request: httpx2.Request, *, deadline: float) -> Answer:
    """Send a request and read its answer.

    Args:
        http: The client that holds the connections, of `transport.open_http`.
        request: With the time-outs of each step.
        deadline: Seconds that the call may last in all, from the look-up of the host to the last byte of the answer.

    Raises:
        Unreachable: Nothing was sent.
        TooSlow, Unavailable: No answer to a request that only reads.
        OutcomeUnknown: No answer to one that writes, or one that is larger than 32 MB.
        TooLarge: The answer to a request that only reads is larger than 32 MB.
    """
    reads = request.method == "GET"
    request.headers["Accept-Encoding"] = "gzip"
    try:
        with call_budget(deadline, MAX_ANSWER_BYTES) as budget:
            return _answer(http, request, budget)
    except NOT_SENT as error:
        raise Unreachable(f"Xero cannot be reached: {type(error).__name__}") from error
    except AnswerTooLarge as error:
        message = "Xero's answer is larger than 32 MB"
        raise (TooLarge(message) if reads else OutcomeUnknown(message)) from error
    except httpx2.TimeoutException as error:
        raise _no_answer("Xero did not answer in time", reads=reads, slow=True) from error
    except httpx2.RequestError as error:
        raise _no_answer(f"the connection to Xero broke: {type(error).__name__}", reads=reads) from error


def _answer(http: httpx2.Client, request: httpx2.Request, budget: CallBudget) -> Answer:
    response = http.send(request, stream=True, follow_redirects=False)
    try:
        if response.headers.get("Content-Encoding", "").strip().lower() not in ENCODINGS:
            raise httpx2.DecodingError("an encoding that was not asked for", request=request)
        return Answer(response.status_code, response.headers, _read(response, budget))
    finally:
        response.close()


def _read(response: httpx2.Response, budget: CallBudget) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerTooLarge
        budget.timeout(None, httpx2.ReadTimeout)  # a chunk that was received may take long to unpack
    return bytes(body)


def _no_answer(message: str, *, reads: bool, slow: bool = False) -> XeroError:
    if not reads:
        return OutcomeUnknown(message)
    return TooSlow(message) if slow else Unavailable(message)
