"""Security of every request and response: headers, CSRF, origin, host."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, redirect
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_talisman import Talisman

from posxero.settings import Settings
from posxero.web.csrf import MaskedCSRFProtect
from posxero.web.htmx import request
from posxero.web.proxies import ForwardedHeaders

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
SECRET_URL_BLUEPRINTS = {"invitations"}  # their URLs contain a secret
ANY_HOST_ENDPOINTS = {"health.healthz", "health.readyz", "static", "xero_webhook.receive"}
UPLOAD_ENDPOINTS = {"imports.upload"}
MEGABYTE = 1024 * 1024

csrf = MaskedCSRFProtect()


def configure(app: Flask, settings: Settings) -> None:
    """Configure the session cookie, the secrets and the size limits."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-posxero" if settings.production else "posxero",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # the return from Xero's consent page is a cross-site GET
        MAX_CONTENT_LENGTH=MEGABYTE,
        MAX_FORM_MEMORY_SIZE=MEGABYTE,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may stay open on the counter
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Protect every request and response."""
    configure(app, settings)
    app.wsgi_app = ForwardedHeaders(app.wsgi_app, settings.proxies)  # type: ignore[method-assign]  # as Flask's own documentation wraps it
    _keep_private(app)
    Talisman(
        app,
        content_security_policy=CONTENT_SECURITY_POLICY,
        force_https=settings.production,
        strict_transport_security=settings.production,
        session_cookie_secure=settings.production,
        frame_options="DENY",
        referrer_policy="same-origin",
    )
    _allow_uploads(app, settings)
    csrf.init_app(app)
    _guard(app, settings.public_url)


def _keep_private(app: Flask) -> None:
    """Keep pages out of caches, and secret URLs out of the Referer header.

    Functions that run after a request run in reverse order: this one after Flask-Talisman's.
    """

    @app.after_request
    def _private(response: Response) -> Response:
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if request.blueprint in SECRET_URL_BLUEPRINTS:
            # Not "no-referrer": over https Flask-WTF refuses a form whose Referer does not name this host.
            response.headers["Referrer-Policy"] = "strict-origin"
        return response


def _allow_uploads(app: Flask, settings: Settings) -> None:
    """Let a person who is signed in send a file; Flask-WTF reads the form before any view.

    A file that is somewhat larger than it may be is read too, so that the page can say so beside its field.
    """

    @app.before_request
    def _larger_body() -> None:
        if request.endpoint in UPLOAD_ENDPOINTS and current_user.is_authenticated:
            request.max_content_length = 2 * settings.csv_max_mb * MEGABYTE


def is_cross_site() -> bool:
    """Return whether the browser says that the request came from another site, or from another host of ours."""
    return request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}


def _guard(app: Flask, public_url: str) -> None:
    host = urlsplit(public_url).netloc

    @app.before_request
    def _one_host() -> ResponseReturnValue | None:
        if request.host == host or request.endpoint in ANY_HOST_ENDPOINTS:
            return None
        if request.method not in SAFE_METHODS:
            abort(400, f"Open Retail POS at {public_url} and try again.")
        return redirect(public_url + request.full_path.removesuffix("?"), 307)

    @app.before_request
    def _same_site() -> None:
        if request.method not in SAFE_METHODS and is_cross_site() and request.endpoint not in ANY_HOST_ENDPOINTS:
            abort(400, "This form came from another site, so nothing was changed.")
