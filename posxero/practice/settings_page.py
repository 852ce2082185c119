"""The settings page of an organisation: its name, lock dates, approval, accounts, tax rates and currencies."""

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import chart, organisation_settings, store
from posxero.practice.organisations import Organisation
from posxero.practice.state import database, now

LOCK_DATES = {"period_lock_date": "Period lock date", "end_of_year_lock_date": "End of year lock date"}
APPROVALS = {"": "are approved at once", "SUBMITTED": "wait for approval", "DRAFT": "stay drafts"}
DATE_INVALID = "Type lock dates as year, month and day, such as 2026-03-31."

bp = Blueprint("settings_page", __name__, url_prefix="/app/<short_code>/settings")


@bp.route("", methods=["GET", "POST"])
def edit(short_code: str) -> ResponseReturnValue:
    """Show the settings, and change them."""
    organisation = organisation_settings.find(database(), short_code=short_code)
    if organisation is None:
        abort(404)
    if request.method == "GET":
        return _render(organisation)
    try:
        with store.transaction(database()):
            _save(organisation.tenant_id)
    except msgspec.ValidationError:
        return _render(organisation, DATE_INVALID), 422
    flash("Saved in Xero.")
    return redirect(url_for(".edit", short_code=short_code), 303)


def _save(tenant: str) -> None:
    archived = organisation_settings.get(database(), tenant).archived_accounts
    chosen_accounts = request.form.getlist("archived_accounts")
    organisation_settings.change(
        database(),
        tenant,
        name=request.form.get("name", "").strip(),
        **{name: request.form.get(name, "").strip() or None for name in LOCK_DATES},
        approval_status=request.form.get("approval_status", ""),
        archived_accounts={code: archived.get(code, now()) for code in chosen_accounts},
        retired_tax_types=request.form.getlist("retired_tax_types"),
        added_currencies=request.form.getlist("added_currencies"),
    )


def _render(organisation: Organisation, message: str = "") -> str:
    settings = organisation_settings.get(database(), organisation.tenant_id)
    is_typed = request.method == "POST"
    dates = {name: str(getattr(settings, name) or "") for name in LOCK_DATES}
    return render_template(
        "settings.html",
        organisation=organisation,
        settings=settings,
        dates={name: request.form.get(name, "") if is_typed else dates[name] for name in LOCK_DATES},
        labels=LOCK_DATES,
        approvals=APPROVALS,
        accounts=[
            account
            for account in chart.accounts(organisation.tenant_id)
            if account["Status"] == chart.ACTIVE and "SystemAccount" not in account
        ],
        currencies=[(code, name) for code, name in chart.CURRENCIES.items() if code != chart.BASE_CURRENCY],
        tax_rates=[rate for rate in chart.tax_rates() if rate["Status"] == chart.ACTIVE],
        message=message,
    )
