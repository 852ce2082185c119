"""The event loop of one process: accept connections, read requests, write responses, and stop gracefully."""

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
from posxero.server.prefork import GRACEFUL_TIMEOUT
from posxero.settings import SlowClients

IDLE_TIMEOUT = 60.0  # seconds for which a connection may be silent, and a response unread
MAINTENANCE_INTERVAL = 1.0  # seconds between two checks of the connections
MAX_CONNECTIONS = 1000  # per process; idle ones are closed early when there are more
RECEIVE_TIMEOUT_ON_STOP = 2.0  # seconds until a request must be complete, when the server stops
STOP_POLL_INTERVAL = 0.1  # seconds
WAITRESS_OPTIONS = {
    "ident": None,  # no Server header
    "clear_untrusted_proxy_headers": False,  # X-Forwarded-… are for ProxyFix, and only as POSXERO_PROXIES says
    "max_request_header_size": 32 * 1024,  # bytes of an address and all headers
    "max_request_body_size": 90 * 1024 * 1024,  # bytes; the app's own limits are lower
    "inbuf_overflow": 128 * 1024,  # bytes of a body that are kept in memory; the rest is a temporary file
    "connection_limit": MAX_CONNECTIONS,
    "cleanup_interval": MAINTENANCE_INTERVAL,
    "log_socket_errors": False,  # a browser closed the connection
}


class Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Serves connections of a listening socket that other processes share."""

    channel_class = Channel

    def __init__(self, app: Flask, limits: SlowClients, listening: socket.socket) -> None:
        self._limits = limits
        self._stopping = False
        sockinfo = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(
            app,
            _sock=listening,
            dispatcher=Dispatcher(),
            adj=Adjustments(**WAITRESS_OPTIONS),
            sockinfo=sockinfo,
            bind_socket=False,
        )

    def run(self) -> None:
        """Serve until SIGTERM or until the parent exits; then finish requests, for at most `GRACEFUL_TIMEOUT`."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        parent = os.getppid()
        while not self._stopping and os.getppid() == parent:
            wasyncore.poll2(MAINTENANCE_INTERVAL, self._map)
        self.del_channel()
        self.socket.close()
        stopped_at = time.monotonic()
        while self.active_channels and time.monotonic() < stopped_at + GRACEFUL_TIMEOUT:
            self._close_idle(keep_receiving=time.monotonic() < stopped_at + RECEIVE_TIMEOUT_ON_STOP)
            wasyncore.poll2(STOP_POLL_INTERVAL, self._map)

    def maintenance(self, _now: Any) -> None:
        """Enforce the time-outs of clients. Waitress calls this every `MAINTENANCE_INTERVAL`."""
        idle_timeout = MAINTENANCE_INTERVAL if self.in_connection_overflow else IDLE_TIMEOUT
        now = time.monotonic()
        for channel in self.active_channels.values():
            channel.enforce_timeouts(now, self._limits, idle_timeout=idle_timeout)

    def _request_stop(self, *_: Any) -> None:
        self._stopping = True
        self.pull_trigger()

    def _close_idle(self, *, keep_receiving: bool) -> None:
        for channel in self.active_channels.values():
            if not (channel.is_answering or (keep_receiving and channel.is_receiving)):
                channel.will_close = True
