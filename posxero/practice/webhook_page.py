"""The webhooks page: the address and key of the app, the handshake, and the deliveries."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import webhook_outbox, xero_dates
from posxero.practice.state import database, practice
from posxero.practice.webhook_delivery import FAULTS
from posxero.practice.webhook_messages import is_address

SHOWN_REQUESTS = 20
STATUS_LABELS = {
    webhook_outbox.NOT_SET: "No address is set. Nothing is delivered.",
    webhook_outbox.UNVERIFIED: "The address has not answered yet. Practice Xero keeps trying.",
    webhook_outbox.OK: "The address is verified. Changes of contacts are delivered to it.",
    webhook_outbox.FAILED: "The address failed the handshake. Nothing is delivered until it passes.",
    webhook_outbox.DISABLED: "Deliveries failed for too long, so the subscription is disabled. Verify it again.",
}

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the subscription and the last deliveries."""
    return _render()


@bp.post("")
def save() -> ResponseReturnValue:
    """Set the address and key, and verify the address; an empty key keeps the present one."""
    url, key = request.form.get("url", "").strip(), request.form.get("key", "").strip()
    if url and not is_address(url):
        return _render(url, "Enter an address that begins with http:// or https://."), 422
    current = webhook_outbox.get_subscription(database())
    if url and not (key or current.key):
        return _render(url, "Enter the signing key."), 422
    practice().webhooks.subscribe(url, key or current.key)
    flash("Saved. The result of the handshake is below." if url else "Removed. Nothing is delivered.")
    return redirect(url_for(".index"), 303)


@bp.post("/<action>")
def act(action: str) -> ResponseReturnValue:
    """Run one of the buttons of the page."""
    flash(_run(action))
    return redirect(url_for(".index"), 303)


def _run(action: str) -> str:
    webhooks = practice().webhooks
    if action in {"hold", "release"}:
        webhooks.hold(is_held=action == "hold")
        return "Deliveries are held back." if action == "hold" else "Deliveries are released."
    if action == "verify":
        webhooks.verify()
        return "The handshake was repeated."
    if action == "deliver":
        pending = webhooks.deliver_now()
        return f"{pending} events are still pending." if pending else "Every event is delivered."
    if action == "repeat":
        return "The last delivery was sent twice more." if webhooks.repeat(2) else "Nothing was delivered yet."
    if action == "reorder":
        sent = webhooks.send_out_of_order()
        return f"The latest events ({sent}) were sent again, newest first." if sent else "There are no events yet."
    if action not in FAULTS:
        abort(404)
    webhooks.deliverer.add_faults(action, 1)
    return f"Next delivery: {FAULTS[action].lower()}."


def _render(url: str | None = None, message: str = "") -> str:
    webhooks, subscription = practice().webhooks, webhook_outbox.get_subscription(database())
    return render_template(
        "webhooks.html",
        url=subscription.url if url is None else url,
        has_key=bool(subscription.key),
        status=subscription.status,
        status_label=STATUS_LABELS[subscription.status],
        message=message,
        handshake=webhooks.handshake,
        is_held=webhooks.is_held,
        pending=webhook_outbox.count_pending(database()),
        faults=FAULTS,
        pending_faults=webhooks.deliverer.pending_faults(),
        requests=webhooks.deliverer.deliveries()[: -SHOWN_REQUESTS - 1 : -1],
        at=xero_dates.format_for_page,
    )
