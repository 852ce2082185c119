"""Serves a Practice Xero: a thread for every call, so that calls in flight are really at once."""

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    """Logs no calls: the app keeps its own log of them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Bind the address (port 0: any free one) and give the server, which its caller starts and ends."""
    return make_server(host, port, app, threaded=True, request_handler=_Quiet)
