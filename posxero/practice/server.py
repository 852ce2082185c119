"""Serve a Practice Xero with a thread for every call, so that calls run concurrently."""

from flask import Flask
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from posxero.practice.state import Practice


class _QuietHandler(WSGIRequestHandler):
    """A handler that logs no calls, because the app has its own log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class _Server(ThreadedWSGIServer):
    """A server that closes the connections that faults hold open."""

    practice: Practice | None = None

    def server_close(self) -> None:
        """Close the server and every connection that a fault holds."""
        if self.practice is not None:
            self.practice.close()
        super().server_close()


def serve(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Bind the address (port 0: any free one) and return the server, which the caller starts and stops."""
    server = _Server(host, port, app, _QuietHandler)
    server.practice = app.extensions["practice"]
    server.practice.webhooks.start()
    return server
