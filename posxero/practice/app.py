"""Create a Practice Xero."""

import secrets
import time
from collections.abc import Callable
from contextlib import closing
from copy import copy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request

from posxero.practice import (
    action_page,
    api,
    control,
    discovery,
    fault_page,
    history,
    identity,
    pages,
    records,
    reference,
    seed,
    settings_control,
    settings_page,
    store,
    webhook_control,
    webhook_outbox,
    webhook_page,
    xero_dates,
)
from posxero.practice.casing import CaseInsensitivePaths
from posxero.practice.invoices import (
    invoice_api,
    invoice_control,
    invoice_pages,
    invoice_records,
    seeding,
    settlement_api,
)
from posxero.practice.late_writes import LateWrites
from posxero.practice.limits import Limits
from posxero.practice.organisations import ORGANISATIONS
from posxero.practice.state import Practice, close_database, practice
from posxero.practice.transport_faults import FaultyTransport
from posxero.practice.webhook_worker import WebhookTiming, WebhookWorker

BLUEPRINTS = (
    identity.bp,
    identity.token_bp,
    discovery.bp,
    reference.bp,
    history.bp,
    invoice_api.bp,
    settlement_api.bp,
    api.bp,
    control.bp,
    webhook_control.bp,
    invoice_control.bp,
    settings_control.bp,
    pages.bp,
    action_page.bp,
    invoice_pages.bp,
    settings_page.bp,
    webhook_page.bp,
    fault_page.bp,
)
SECOND_ORGANISATION_CONTACTS = 60  # contacts at most
FORM_BLUEPRINTS = frozenset(
    {"identity", "pages", "actions", "faults", "control", "webhooks", "webhook_control", "invoice_control"}
    | {"settings_control", "settings_page", "invoice_pages"}
)
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"  # the consent's answer leaves for another origin
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_practice(
    path: Path,
    *,
    contacts: int = 1200,
    has_invoices: bool = False,
    client_id: str = "practice",
    client_secret: str = "practice-secret",  # noqa: S107 - the stand-in's well-known secret opens nothing
    minute_limit: int = 60,
    day_limit: int = 5000,
    concurrent_limit: int = 5,
    webhook_url: str = "",
    webhook_key: str = "",
    webhook_timing: WebhookTiming = WebhookTiming(),  # noqa: B008 - it is frozen
    clock: Callable[[], datetime] = _utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> Flask:
    """Create a Practice Xero that keeps its contacts, history and tokens in the file at `path`.

    An empty `client_secret` makes the app one that has none and uses PKCE. `contacts` is how many the first
    organisation gets when the file is new; a file that has contacts is left as it is. `has_invoices` adds the first
    invoices of each organisation that has none. An empty `webhook_url` leaves
    the webhook subscription of the file as it is.
    """
    app = copy(_app_with_routes())
    app.config, app.extensions = copy(app.config), {}
    app.extensions["practice"] = Practice(
        path=path,
        client_id=client_id,
        client_secret=client_secret,
        limits=Limits(minute=minute_limit, day=day_limit, concurrent=concurrent_limit),
        late_writes=LateWrites(app),
        webhooks=WebhookWorker(path, lambda: xero_dates.to_ms(clock()), webhook_timing),
        clock=clock,
        sleep=sleep,
    )
    app.config["SECRET_KEY"] = _prepare_file(path, contacts, webhook_url, webhook_key)
    if has_invoices:
        _add_invoices(path, xero_dates.to_ms(clock()))
    transport = FaultyTransport(CaseInsensitivePaths(app.wsgi_app), app.extensions["practice"].closing)
    app.wsgi_app = transport  # type: ignore[method-assign]  # Flask documents this assignment
    return app


@cache
def _app_with_routes() -> Flask:
    """Create the app of which every Practice Xero of this process is a copy: adding the routes takes 100 ms."""
    app = Flask(__name__)
    app.config.update(
        SESSION_COOKIE_NAME="practice_xero",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=3_500_000,  # bytes; Xero's FAQ on limits
    )
    for bp in BLUEPRINTS:
        app.register_blueprint(bp)
    app.before_request(_refuse_cross_site_forms)
    app.after_request(_add_security_headers)
    app.after_request(_wake_webhooks)
    app.teardown_appcontext(close_database)
    return app


def _prepare_file(path: Path, contacts: int, webhook_url: str, webhook_key: str) -> str:
    """Create missing tables and contacts, and return the key that signs the session cookie."""
    with closing(store.connect(path)) as database:
        store.create_tables(database)
        counts = (contacts, min(contacts, SECOND_ORGANISATION_CONTACTS))
        for organisation, count in zip(ORGANISATIONS, counts, strict=True):
            tenant = organisation.tenant_id
            with store.transaction(database):
                if not records.count(database, tenant):
                    records.save(database, tenant, seed.generate_contacts(tenant, count))
        store.create_indexes(database)
        if webhook_url:
            webhook_outbox.set_subscription(database, webhook_url, webhook_key)
        return store.get_or_set_value(database, "cookie key", secrets.token_hex(32))


def _add_invoices(path: Path, now: int) -> None:
    """Add the first invoices of every organisation that has none."""
    with closing(store.connect(path)) as database:
        for organisation in ORGANISATIONS:
            with store.transaction(database):
                if not invoice_records.count(database, organisation.tenant_id):
                    seeding.seed_invoices(database, organisation.tenant_id, now)


def _refuse_cross_site_forms() -> None:
    """Refuse a form that is posted from another site."""
    origin = request.headers.get("Sec-Fetch-Site", "none")
    if request.method == "POST" and request.blueprint in FORM_BLUEPRINTS and origin not in {"none", "same-origin"}:
        abort(403)


def _wake_webhooks(response: Response) -> Response:
    if request.method in {"POST", "PUT"}:
        practice().webhooks.wake()
    return response


def _add_security_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
