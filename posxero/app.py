"""The composition root: the only module that knows every other."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from posxero import logs, queue
from posxero.blueprints import (
    auth,
    customers,
    field_map,
    health,
    imports,
    invitations,
    sales,
    styleguide,
    sync,
    sync_links,
    xero,
    xero_webhook,
)
from posxero.blueprints import settings as settings_pages
from posxero.db.engine import prepare
from posxero.db.session import db
from posxero.ports import Ports
from posxero.redis_client import page_client
from posxero.services.accounts.throttle.counters import SharedCounters
from posxero.services.accounts.throttle.sign_in import SignInThrottle
from posxero.settings import Settings
from posxero.web import (
    assets,
    client,
    compression,
    display,
    errors,
    htmx,
    layout,
    merged,
    money,
    security,
    sign_in,
    stale_forms,
    times,
    unavailable,
)
from posxero.xero.limits import Limits
from posxero.xero.transport import open_http
from posxero.xero.vault import Vault

HTMX = Path(__file__).parent / "static/vendor/htmx-4.0.1.min.js"


def create_app(settings: Settings) -> Flask:
    """Build the app. Neither the database nor Redis is asked: they may be away.

    Raises:
        RuntimeError: Production without htmx's file.
    """
    if settings.production and not HTMX.exists():
        message = "posxero/static/vendor/htmx-4.0.1.min.js is missing. Run: make install"
        raise RuntimeError(message)
    logs.configure(production=settings.production)
    app = Flask(__name__)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.extensions["posxero"] = _ports(settings)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    htmx.init_app(app)
    assets.init_app(app)
    compression.init_app(app)  # before what else changes answers: functions after a request run in reverse order
    security.init_app(app, settings)
    client.init_app(app)
    sign_in.init_app(app)
    errors.init_app(app)
    merged.init_app(app)
    unavailable.init_app(app)
    stale_forms.init_app(app)
    layout.init_app(app)
    times.init_app(app)
    display.init_app(app)
    money.init_app(app)
    _register(app, settings)
    return app


def _ports(settings: Settings) -> Ports:
    return Ports(
        settings=settings,
        vault=Vault(settings.token_keys),
        limits=Limits.connect(settings),
        http=open_http(settings),
        jobs=queue.job_queue(settings),
        throttle=_throttle(settings),
    )


def _throttle(settings: Settings) -> SignInThrottle:
    return SignInThrottle(SharedCounters(page_client(settings)), settings.secret_key)


def _register(app: Flask, settings: Settings) -> None:
    for module in (
        auth,
        field_map,
        health,
        imports,
        invitations,
        sales,
        settings_pages,
        sync,
        sync_links,
        xero,
        xero_webhook,
    ):
        app.register_blueprint(module.bp)
    customers.register(app)
    if not settings.production:
        app.register_blueprint(styleguide.bp)
