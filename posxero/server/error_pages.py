"""Requests that the server rejects before the app sees them, and the pages that say why."""

from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import BadRequest, RequestHeaderFieldsTooLarge

MAX_REQUEST_LINE = 4096  # bytes of the method, the URI and the version
ERROR_PAGES = {
    400: ("That didn't work", "The request was incomplete. Go back, reload the page and try again."),
    408: (
        "That took too long",
        "What you sent didn't arrive in time, so nothing was changed. Check your connection and try again.",
    ),
    413: ("Too large", "What you sent is too large, so nothing was changed. Shorten it and try again."),
    414: (
        "Too long",
        "The address of this page, including your search, is too long. Nothing was changed. Search for fewer words.",
    ),
    431: ("Too long", "Your browser sent too much with its request. Delete this site's cookies and try again."),
}
PAGE_TEMPLATE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Retail POS</title><link rel="stylesheet" href="/static/app.css"></head>
<body class="bare"><main id="main"><section class="card message"><h1>{title}</h1>
<p>{text}</p>
<p class="actions"><a class="button primary" href="/customers">Go to Customers</a></p></section></main></body></html>
"""


class RequestTimeout(BadRequest):  # type: ignore[misc]  # waitress has no types
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class UriTooLong(BadRequest):  # type: ignore[misc]  # same
    """The first line is longer than `MAX_REQUEST_LINE`."""

    code = 414
    reason = "URI Too Long"


class RequestParser(HTTPRequestParser):  # type: ignore[misc]  # same
    """Parses a request; a URI that is too long is an error of its own."""

    error: Any = None
    first_line = b""

    def received(self, data: bytes) -> int:
        """Parse what was received; return the number of bytes that belong to this request."""
        consumed = int(super().received(data))
        if self.error is None and len(self.first_line) > MAX_REQUEST_LINE:
            self.error, self.completed = UriTooLong(""), True
        elif isinstance(self.error, RequestHeaderFieldsTooLarge) and b"\r\n" not in self.header_plus[:MAX_REQUEST_LINE]:
            self.error = UriTooLong("")
        return consumed

    def fail(self, error: BadRequest) -> None:
        """Complete an incomplete request with an error."""
        if not self.headers_finished:
            self.parse_header(b"GET / HTTP/1.1\r\n")  # so that it can be answered
        self.error, self.completed = error, True


class ErrorPageTask(ErrorTask):  # type: ignore[misc]  # same
    """Answers with an error page, and closes the connection."""

    def execute(self) -> None:
        """Write the page."""
        error: Any = self.request.error
        title, text = ERROR_PAGES.get(error.code, ERROR_PAGES[400])
        body = PAGE_TEMPLATE.format(title=title, text=text).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "text/html; charset=utf-8"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
