"""What is believed of the headers that proxies add: only what the named number of proxies said."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Gunicorn takes https from any of these when its peer is this machine (its forwarded_allow_ips).
SCHEME_HEADERS: Final = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PROTOCOL", "HTTP_X_FORWARDED_SSL")


class ForwardedHeaders:
    """WSGI middleware: applies the X-Forwarded-… headers of trusted proxies, and hides them all from the app.

    Whatever the server made of such a header before is undone. Without trusted proxies
    nobody who sends one can pass for https, for another address or for another host.
    """

    def __init__(self, app: "WSGIApplication", proxies: int) -> None:
        inner = _without_forwarded(app)
        self._app = ProxyFix(inner, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve a request."""
        if any(name in environ for name in SCHEME_HEADERS):
            environ["wsgi.url_scheme"] = "http"
        environ["SCRIPT_NAME"] = ""  # POSXERO_PUBLIC_URL has no path; gunicorn reads one from a header, too
        return self._app(environ, start_response)


def _without_forwarded(app: "WSGIApplication") -> "WSGIApplication":
    """Hide the headers from the app and its extensions: Flask-Talisman would believe X-Forwarded-Proto."""

    def hidden(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        for name in [name for name in environ if name.startswith(("HTTP_X_FORWARDED_", "HTTP_FORWARDED"))]:
            del environ[name]
        return app(environ, start_response)

    return hidden
