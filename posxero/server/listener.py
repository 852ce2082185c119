"""The loop of one process: accepts connections, reads requests, writes answers, and stops in order."""

import os
import signal
import socket
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from posxero.server.channel import Channel
from posxero.server.dispatcher import Dispatcher
from posxero.server.prefork import GRACE
from posxero.settings import SlowClients

IDLE = 60.0  # seconds for which a connection may be silent, and an answer unread
LOOK = 1.0  # seconds between two looks at the connections
CONNECTIONS = 1000  # of a process; those that wait are closed when there are more
RECEIVING = 2.0  # seconds in which a request must be complete, when the server stops
OPTIONS = {
    "ident": None,  # no Server header
    "clear_untrusted_proxy_headers": False,  # X-Forwarded-… are for ProxyFix, and only as POSXERO_PROXIES says
    "max_request_header_size": 32 * 1024,  # bytes of an address and all headers
    "max_request_body_size": 16 * 1024 * 1024,  # bytes; the app's own limits are lower
    "inbuf_overflow": 128 * 1024,  # bytes of a body that are kept in memory; the rest is a temporary file
    "connection_limit": CONNECTIONS,
    "cleanup_interval": LOOK,
    "log_socket_errors": False,  # a browser that went away
}


class Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Serves the connections of one listening socket, which other processes share."""

    channel_class = Channel

    def __init__(self, app: Flask, limits: SlowClients, listening: socket.socket) -> None:
        self._limits = limits
        self._stopping = False
        sockinfo = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(
            app,
            _sock=listening,
            dispatcher=Dispatcher(),
            adj=Adjustments(**OPTIONS),
            sockinfo=sockinfo,
            bind_socket=False,
        )

    def run(self) -> None:
        """Serve until SIGTERM, or until the parent is gone; then answer what was asked, for at most `GRACE` seconds."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        parent = os.getppid()
        while not self._stopping and os.getppid() == parent:
            wasyncore.poll2(LOOK, self._map)
        self.del_channel()
        self.socket.close()
        began = time.monotonic()
        while self.active_channels and time.monotonic() < began + GRACE:
            self._close_idle(receiving=time.monotonic() < began + RECEIVING)
            wasyncore.poll2(0.1, self._map)

    def maintenance(self, _now: Any) -> None:
        """Look for clients that are too slow. Waitress calls this every `LOOK` seconds."""
        idle = LOOK if self.in_connection_overflow else IDLE
        now = time.monotonic()
        for channel in self.active_channels.values():
            channel.look(now, self._limits, idle=idle)

    def _stop(self, *_: Any) -> None:
        self._stopping = True
        self.pull_trigger()

    def _close_idle(self, *, receiving: bool) -> None:
        for channel in self.active_channels.values():
            if not (channel.is_answering or (receiving and channel.is_receiving)):
                channel.will_close = True
