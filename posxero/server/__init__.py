"""The web server: several processes that share a socket, each of them waitress with the app.

Waitress reads whole requests and writes responses in one thread that never blocks, so a slow client costs a
connection and not a thread (docs/decisions/0013).
"""

import gc
import logging
import resource
import socket
from functools import partial

from flask import Flask

from posxero.app import create_app
from posxero.db.session import db
from posxero.server.listener import Listener
from posxero.server.prefork import PreforkPool
from posxero.settings import Settings

SOCKET_BACKLOG = 1024  # connections that wait to be accepted; waitress's own default
MAX_OPEN_FILES = 4096  # per process: connections, and temporary files for large bodies


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT.

    The app is loaded before the processes are forked, and frozen: a full pass of the garbage collector takes 28 ms.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would warn of each request that waits for a thread
    _raise_open_files_limit()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=SOCKET_BACKLOG) as listening:
        app = create_app(settings)
        gc.collect()
        gc.freeze()
        PreforkPool(partial(_serve_in_child, app, settings, listening), workers, close=listening.close).run()


def _serve_in_child(app: Flask, settings: Settings, listening: socket.socket) -> None:
    """Serve in a forked process, with database connections of its own."""
    with app.app_context():
        db.engine.dispose(close=False)  # inherited sockets belong to the parent
    Listener(app, settings.slow_clients, listening).run()


def _raise_open_files_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
