"""JSON for tests: the webhook subscription and its deliveries.

GET /practice/webhooks shows the address, the status (not set, unverified, ok, failed, disabled), whether deliveries
are held, the number of pending events, the pending faults, and every request: its purpose (handshake, delivery,
repeat, reordered), sequences, contacts, invoices, status (0 without an answer), error and fault.

POST takes to it {"url": …, "key": …}, verifies the address and answers as GET does; an empty url removes it. Below it:
  hold, release                hold deliveries back, or release them
  deliver                      deliver the pending events now, up to the first attempt that fails
  repeat {"times": 2}          send the last delivery again
  reorder {"count": 10}        send the latest events, newest first and one by one
  faults {"kind": …, "count": 1}  for the next deliveries: drop, wrong_signature, truncated (the body is cut off, the
                               signature is that of the whole), unreadable (the body is cut off and signed), repeat
  clear                        remove the pending faults and the log of requests
"""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from posxero.practice import webhook_outbox
from posxero.practice.state import database, practice
from posxero.practice.webhook_delivery import FAULTS
from posxero.practice.webhook_messages import is_address

MAX_TIMES = 1000  # repeated or reordered deliveries, and faults, of one call

bp = Blueprint("webhook_control", __name__, url_prefix="/practice/webhooks")


@bp.get("")
def show() -> Response:
    """Show the subscription and its deliveries."""
    webhooks, subscription = practice().webhooks, webhook_outbox.get_subscription(database())
    return jsonify(
        {
            "url": subscription.url,
            "status": subscription.status,
            "is_held": webhooks.is_held,
            "pending": webhook_outbox.count_pending(database()),
            "faults": webhooks.deliverer.pending_faults(),
            "requests": [delivery.summary() for delivery in webhooks.deliverer.deliveries()],
        }
    )


@bp.post("")
def subscribe() -> Response:
    """Set the address and the signing key, and verify the address."""
    body = _body()
    url, key = str(body.get("url", "")), str(body.get("key", ""))
    if url and not is_address(url):
        abort(400)
    practice().webhooks.subscribe(url, key)
    return show()


@bp.post("/<action>")
def act(action: str) -> Response:
    """Hold, release, deliver, repeat or reorder deliveries, add faults to them, or clear faults and log."""
    webhooks = practice().webhooks
    if action in {"hold", "release"}:
        webhooks.hold(is_held=action == "hold")
    elif action == "deliver":
        webhooks.deliver_now()
    elif action == "repeat":
        webhooks.repeat(_number("times", 2))
    elif action == "reorder":
        webhooks.send_out_of_order(_number("count", 10))
    elif action == "clear":
        webhooks.deliverer.clear()
    elif action == "faults" and _body().get("kind") in FAULTS:
        webhooks.deliverer.add_faults(_body()["kind"], _number("count", 1))
    else:
        abort(400)
    return show()


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _number(name: str, otherwise: int) -> int:
    number = _body().get(name, otherwise)
    if not isinstance(number, int) or not 1 <= number <= MAX_TIMES:
        abort(400)
    return number
