"""Settings → Business: its name, and where it is."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.accounts import businesses as service
from posxero.services.accounts.businesses import InvalidBusiness
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.places import countries, currencies
from posxero.web.sign_in import allowed

KEYS = ("name", "country", "timezone", "currency")


@bp.get("")
@allowed(Right.READ)
def index() -> ResponseReturnValue:
    """Go to the first page of the settings."""
    return redirect(url_for(".xero"), 303)


@bp.route("/business", methods=["GET", "POST"])
@allowed(Right.OWN)
def business() -> ResponseReturnValue:
    """Show or change the business."""
    typed = {key: request.form.get(key, getattr(g.business, key)).strip() for key in KEYS}
    zones = [("", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(available_timezones()))]
    context: dict[str, Any] = {
        "typed": typed,
        "zones": zones,
        "countries": _options(countries(), typed["country"]),
        "currencies": _options([(code, f"{name} ({code})") for code, name in currencies()], typed["currency"]),
    }
    if request.method == "GET":
        return render("settings/business.html", errors={}, **context)
    try:
        service.change(db.session, g.business, **typed)
    except InvalidBusiness as error:
        return render("settings/business.html", status=422, errors=error.errors, **context)
    if g.business.folded_country != g.business.country:
        current_ports().jobs.refold(g.business.id)
    toast("Business saved.")
    return go_to(url_for(".business"))


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """Return what can be chosen by name: none, each of the choices, and what is saved though it is none of them."""
    unknown = [(chosen, chosen)] if chosen and chosen not in dict(choices) else []
    return [("", "Not chosen yet"), *choices, *unknown]
