"""The page of faults: trouble at the press of a button, the changes that are held back, and the last calls."""

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import control, fault_kinds, records, xero_dates
from posxero.practice.late_writes import HELD
from posxero.practice.shapes import Json
from posxero.practice.state import database, practice

AT_ONCE = {
    "expire_tokens": "Every access token has expired.",
    "disconnect": "The app is disconnected: every organisation now answers 403.",
    "forget_limits": "The minute and the day begin anew.",
    "clear": "Every call is answered well again.",
    "land": "The changes that were held back are made.",
    "forget_late_writes": "The changes that were held back will never be made.",
}
CALLS: dict[str, tuple[str, dict[str, str]]] = {  # value of the choice: its words, and what it asks for
    "": ("All that the fault can meet", {}),
    "GET": ("Only reads", {"method": "GET"}),
    "POST": ("Only changes of contacts", {"method": "POST"}),
    "PUT": ("Only new contacts", {"method": "PUT"}),
    "token": ("Only new access tokens", {"path": "/connect/token"}),
    "connections": ("Only the list of connections", {"path": "/connections"}),
}
LAST_CALLS = 20
NUMBER = re.compile(r"[0-9]{1,6}")
TYPED = {"count": "1", "retry_after": "5", "calls": ""}

bp = Blueprint("faults", __name__)


@bp.route("/faults", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the faults that wait, and add one."""
    if request.method == "GET":
        return _page(TYPED)
    kind = request.form.get("kind", "")
    if kind in AT_ONCE:
        _act_at_once(kind)
    elif kind not in fault_kinds.KINDS:
        abort(400)
    elif message := _add(fault_kinds.KINDS[kind], kind):
        return _page(request.form.to_dict(), message), 422
    flash(AT_ONCE.get(kind, "The next calls will meet it."))
    return redirect(url_for(".index"), 303)


def _act_at_once(kind: str) -> None:
    if kind == "land":
        practice().late_writes.land()
    elif kind == "forget_late_writes":
        practice().late_writes.clear()
    else:
        control.make_trouble(kind, {})


def _add(kind: fault_kinds.Kind, name: str) -> str:
    """Add a fault; return why it cannot be, if it cannot."""
    words, chosen = CALLS.get(request.form.get("calls", ""), CALLS[""])
    if not kind.can_meet(**chosen):
        return f"“{kind.words}” does not go with “{words}”. Choose other calls."
    count, retry_after = _whole_number("count"), _whole_number("retry_after")
    if not count or retry_after is None:
        return "Type whole numbers: at least 1 call, and 0 or more seconds."
    asked: dict[str, Any] = {"count": count, **chosen} | ({"retry_after": retry_after} if name == "429" else {})
    control.make_trouble(name, asked)
    return ""


def _whole_number(field: str) -> int | None:
    text = request.form.get(field, TYPED[field]).strip()
    return int(text) if NUMBER.fullmatch(text) else None


def _names(write: Json) -> list[str]:
    """Return the names of the contacts that a write is about, as sent or else as held."""
    sent = [element for element in write["elements"] if isinstance(element, dict)]
    held = (records.get(database(), write["tenant"], str(each.get("ContactID", ""))) or {} for each in sent)
    return [str(each.get("Name") or known.get("Name", "?")) for each, known in zip(sent, held, strict=True)]


def _page(typed: dict[str, str], message: str = "") -> str:
    return render_template(
        "faults.html",
        groups=fault_kinds.GROUPS,
        words={name: kind.words for name, kind in fault_kinds.KINDS.items()},
        calls={value: words for value, (words, _) in CALLS.items()},
        typed=TYPED | typed,
        message=message,
        waiting=practice().faults.waiting(),
        held=[write | {"names": _names(write)} for write in practice().late_writes.all() if write["state"] == HELD],
        last_calls=practice().calls.all()[: -LAST_CALLS - 1 : -1],
        at=xero_dates.for_people,
    )
