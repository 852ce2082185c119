"""The faults page: inject faults, release held changes, and see the last calls."""

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import control, fault_kinds, records, xero_dates
from posxero.practice.late_writes import HELD
from posxero.practice.shapes import Json
from posxero.practice.state import database, practice

IMMEDIATE_ACTIONS = {
    "expire_tokens": "Every access token has expired.",
    "disconnect": "The app is disconnected: every organisation now answers 403.",
    "forget_limits": "The minute and the day begin anew.",
    "clear": "Every call is answered well again.",
    "land": "The changes that were held back are made.",
    "forget_late_writes": "The changes that were held back will never be made.",
}
CALL_CHOICES: dict[str, tuple[str, dict[str, str]]] = {  # value of the choice: its label, and the options of the fault
    "": ("All that the fault can meet", {}),
    "GET": ("Only reads", {"method": "GET"}),
    "POST": ("Only changes", {"method": "POST"}),
    "PUT": ("Only what is new", {"method": "PUT"}),
    "invoices": ("Only invoices", {"path": fault_kinds.INVOICES_PATH}),
    "token": ("Only new access tokens", {"path": "/connect/token"}),
    "connections": ("Only the list of connections", {"path": "/connections"}),
}
SHOWN_CALLS = 20
WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")
DEFAULT_VALUES = {"count": "1", "retry_after": "5", "calls": ""}

bp = Blueprint("faults", __name__)


@bp.route("/faults", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the pending faults, and add one."""
    if request.method == "GET":
        return _render(DEFAULT_VALUES)
    kind = request.form.get("kind", "")
    if kind in IMMEDIATE_ACTIONS:
        _run_action(kind)
    elif kind not in fault_kinds.KINDS:
        abort(400)
    elif message := _add_fault(fault_kinds.KINDS[kind], kind):
        return _render(request.form.to_dict(), message), 422
    flash(IMMEDIATE_ACTIONS.get(kind, "The next calls will meet it."))
    return redirect(url_for(".index"), 303)


def _run_action(kind: str) -> None:
    if kind == "land":
        practice().late_writes.land()
    elif kind == "forget_late_writes":
        practice().late_writes.clear()
    else:
        control.inject_fault(kind, {})


def _add_fault(kind: fault_kinds.FaultKind, name: str) -> str:
    """Add a fault; return the error message, "" if there is none."""
    words, chosen = CALL_CHOICES.get(request.form.get("calls", ""), CALL_CHOICES[""])
    if not kind.can_apply_to(**chosen):
        return f"“{kind.label}” does not go with “{words}”. Choose other calls."
    count, retry_after = _whole_number("count"), _whole_number("retry_after")
    if not count or retry_after is None:
        return "Type whole numbers: at least 1 call, and 0 or more seconds."
    options: dict[str, Any] = {"count": count, **chosen} | ({"retry_after": retry_after} if name == "429" else {})
    control.inject_fault(name, options)
    return ""


def _whole_number(field: str) -> int | None:
    text = request.form.get(field, DEFAULT_VALUES[field]).strip()
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None


def _describe(write: Json) -> Json:
    """Return a held write with what it is about: names of contacts, as sent or stored, or numbers of invoices."""
    sent = [element for element in write["elements"] if isinstance(element, dict)]
    if write["path"].startswith(fault_kinds.INVOICES_PATH):
        names = [str(each.get("InvoiceNumber") or each.get("InvoiceID") or "?") for each in sent]
        return write | {"noun": "invoice", "names": names}
    stored = (records.get(database(), write["tenant"], str(each.get("ContactID", ""))) or {} for each in sent)
    names = [str(each.get("Name") or known.get("Name", "?")) for each, known in zip(sent, stored, strict=True)]
    return write | {"noun": "contact", "names": names}


def _render(typed: dict[str, str], message: str = "") -> str:
    return render_template(
        "faults.html",
        groups=fault_kinds.KIND_GROUPS,
        words={name: kind.label for name, kind in fault_kinds.KINDS.items()},
        calls={value: words for value, (words, _) in CALL_CHOICES.items()},
        typed=DEFAULT_VALUES | typed,
        message=message,
        waiting=practice().faults.pending(),
        held=[_describe(write) for write in practice().late_writes.all() if write["state"] == HELD],
        last_calls=practice().calls.all()[: -SHOWN_CALLS - 1 : -1],
        at=xero_dates.format_for_page,
    )
