"""The web server: several processes that share a socket, each a waitress around the app.

Waitress reads whole requests and writes answers in one thread that waits for nobody, so a slow client costs a
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
from posxero.server.prefork import Processes
from posxero.settings import Settings

BACKLOG = 1024  # connections that wait to be accepted; waitress's own default
FILES = 4096  # open files of a process: a connection, and a temporary file for a large body


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT.

    The app is loaded before the processes are forked, and frozen: a full pass of the garbage collector takes 28 ms.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would warn of each request that waits for a thread
    _allow_files()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as listening:
        app = create_app(settings)
        gc.collect()
        gc.freeze()
        Processes(partial(_serve, app, settings, listening), workers, close=listening.close).run()


def _serve(app: Flask, settings: Settings, listening: socket.socket) -> None:
    """Serve in a forked process, with database connections of its own."""
    with app.app_context():
        db.engine.dispose(close=False)  # inherited sockets belong to the parent
    Listener(app, settings.slow_clients, listening).run()


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
