"""Serves a Practice Xero: a thread for every call, so that calls in flight are really at once."""

from flask import Flask
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from posxero.practice.state import Practice


class _Quiet(WSGIRequestHandler):
    """Logs no calls: the app keeps its own log of them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class _Server(ThreadedWSGIServer):
    """Ends what faults hold open when it is closed."""

    practice: Practice | None = None

    def server_close(self) -> None:
        """Close the server and every connection that a fault holds."""
        if self.practice is not None:
            self.practice.close()
        super().server_close()


def serve(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Bind the address (port 0: any free one) and give the server, which its caller starts and ends."""
    server = _Server(host, port, app, _Quiet)
    server.practice = app.extensions["practice"]
    return server
