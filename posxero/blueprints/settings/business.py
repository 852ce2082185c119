"""Settings → Business: its name, and where it is."""

from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from flask import Response, g, redirect, url_for
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
    if request.method == "GET":
        return _form(typed)
    try:
        service.change(db.session, g.business, **typed, jobs=current_ports().jobs)
    except InvalidBusiness as error:
        return _form(typed, error.errors)
    toast("Business saved.")
    return go_to(url_for(".business"))


def _form(typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Response:
    return render(
        "settings/business.html",
        status=422 if errors else 200,
        errors=errors or {},
        typed=typed,
        zones=[("", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(available_timezones()))],
        countries=_options(countries(), typed["country"]),
        currencies=_options([(code, f"{name} ({code})") for code, name in currencies()], typed["currency"]),
    )


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """Return what can be chosen by name: none, each of the choices, and what is saved though it is none of them."""
    unknown = [(chosen, chosen)] if chosen and chosen not in dict(choices) else []
    return [("", "Not chosen yet"), *choices, *unknown]
