"""The web server: gunicorn's workers around the app, which is loaded before they are forked.

Its threaded workers: browsers open connections in advance, and each would hold up a synchronous worker.
"""

import contextlib
import gc
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

from posxero.app import create_app
from posxero.db.session import db
from posxero.settings import Settings
from posxero.supervisor.spawn import die_with_parent

TIMEOUT = 60  # seconds; far above the one page that waits for Xero, the consent's callback
THREADS = 4  # of each worker
GRACE = 10  # seconds for the requests at hand when it ends


TOO_LONG = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Too long · Retail POS</title><link rel="stylesheet" href="/static/app.css"></head>
<body class="bare"><main id="main"><section class="card message"><h1>Too long</h1>
<p>The address, with what was typed into it, is too long. Nothing was changed. Search for fewer words.</p>
<p class="actions"><a class="button primary" href="/customers">Go to Customers</a></p></section></main></body></html>
""".encode()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Says in words what gunicorn refuses before the app sees it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer an address that is longer than gunicorn reads with a page; the rest as gunicorn does."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        head = f"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Length: {len(TOO_LONG)}\r\n"
        with contextlib.suppress(OSError):  # whoever asked has gone
            client.sendall(head.encode() + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + TOO_LONG)


class Server(BaseApplication):  # type: ignore[misc]  # same
    """Gunicorn with our settings and no others: no command line, no file, no control socket."""

    def __init__(self, settings: Settings, bind: str, workers: int) -> None:
        self._settings, self._bind, self._workers = settings, bind, workers
        self._app: Flask | None = None
        self._end_with_master = die_with_parent()  # made here: it names this process as the parent
        super().__init__(prog="posxero web")

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        options = {
            "bind": self._bind,
            "workers": self._workers,
            "worker_class": Worker,
            "threads": THREADS,
            "preload_app": True,
            "timeout": TIMEOUT,
            "graceful_timeout": GRACE,
            "control_socket_disable": True,
            "post_fork": self._begin,
            "loglevel": "warning",
            "secure_scheme_headers": {},  # posxero.web.proxies alone decides which headers of proxies count
            "forwarder_headers": "",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the app, and keep the collector away from what stays for good: its full pass costs 28 ms."""
        self._app = create_app(self._settings)
        gc.collect()
        gc.freeze()
        return self._app

    def _begin(self, _arbiter: Any, _worker: Any) -> None:
        """In each worker: end with the master, and leave its database connections alone."""
        if self._end_with_master:
            self._end_with_master()
        if self._app is not None:
            with self._app.app_context():
                db.engine.dispose(close=False)


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(settings, bind, workers).run()
