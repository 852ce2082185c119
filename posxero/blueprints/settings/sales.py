"""Settings → Sales: what sales on account are booked to in Xero, when they are due, their numbers and limit."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.sales_settings import OrganisationSettings, SalesSettings
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.sale_terms import DueRule
from posxero.ports import current_ports
from posxero.services.sales import organisation as reading
from posxero.services.sales import settings as service
from posxero.services.sales.errors import InvalidSalesSettings
from posxero.services.sales.settings import TypedSettings
from posxero.services.sales.terms import NO_ACCOUNT, NO_TAX_RATE, find, load_organisation, load_settings
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.money import typed_amount, writes_decimal_comma
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed
from posxero.web.sync_status import connection_status

Choices = Sequence[Mapping[str, Any]]


@bp.route("/sales", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def sales() -> ResponseReturnValue:
    """Show or change the settings of sales."""
    status = connection_status()
    organisation = load_organisation(db.session, g.business.id, status.tenant_id)
    if request.method == "GET" or status.connection is None:
        settings = load_settings(db.session, g.business.id)
        return _form(organisation, _saved(settings, organisation), _unusable(settings, organisation))
    typed = {key: request.form.get(key, "").strip() for key in TypedSettings.__dataclass_fields__}
    try:
        _save(typed, organisation)
    except InvalidSalesSettings as refusal:
        return _form(organisation, typed, refusal.errors)
    toast("Sales settings saved.")
    return go_to(url_for(".sales"))


@bp.post("/sales/refresh")
@allowed(Right.MANAGE)
def refresh_sales() -> ResponseReturnValue:
    """Read accounts and tax rates again."""
    reading.refresh(db.session, g.business.id, current_ports().jobs, now=request_time())
    toast("Reading accounts and tax rates from Xero. Reload this page in a moment.", "info")
    return go_to(url_for(".sales"))


def _save(typed: Mapping[str, str], organisation: OrganisationSettings | None) -> None:
    chosen = TypedSettings(**{**typed, **_chosen(typed, organisation)})
    comma, jobs = writes_decimal_comma(g.business.country), current_ports().jobs
    service.save(db.session, g.business, chosen, decimal_comma=comma, now=request_time(), jobs=jobs)


def _form(
    organisation: OrganisationSettings | None, typed: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> Response:
    return render(
        "settings/sales.html",
        status=422 if errors and request.method == "POST" else 200,
        errors=errors or {},
        typed=typed,
        organisation=organisation,
        is_connected=connection_status().connection is not None,
        accounts=[_account_label(one) for one in _accounts(organisation)],
        tax_rates=[one["name"] for one in _tax_rates(organisation)],
        due_rules=[(rule.value, rule.label) for rule in DueRule],
    )


def _saved(settings: SalesSettings | None, organisation: OrganisationSettings | None) -> dict[str, str]:
    """Return what the form shows of the saved settings, or of those that are offered at first."""
    offered = TypedSettings()
    typed = {key: str(getattr(settings or offered, key)) for key in TypedSettings.__dataclass_fields__}
    if settings is None:
        return typed
    account = next((one for one in _accounts(organisation) if one["code"] == settings.account_code), None)
    tax_rate = next((one for one in _tax_rates(organisation) if one["tax_type"] == settings.tax_type), None)
    return typed | {
        "account_code": _account_label(account) if account else "",
        "tax_type": tax_rate["name"] if tax_rate else "",
        "due_rule": settings.due_rule.value,
        "default_limit": typed_amount(settings.default_limit),
    }


def _unusable(settings: SalesSettings | None, organisation: OrganisationSettings | None) -> dict[str, str]:
    """Return, by control, that what was chosen is not among Xero's choices any more."""
    if settings is None or organisation is None or organisation.read_at is None:
        return {}
    errors = {}
    if find(organisation.accounts, "code", settings.account_code) is None:
        errors["account_code"] = NO_ACCOUNT.format(code=settings.account_code)
    if find(organisation.tax_rates, "tax_type", settings.tax_type) is None:
        errors["tax_type"] = NO_TAX_RATE
    return errors


def _chosen(typed: Mapping[str, str], organisation: OrganisationSettings | None) -> dict[str, str]:
    """Return the code and the type of what was chosen by its name."""
    accounts = {key: one["code"] for one in _accounts(organisation) for key in (_account_label(one), one["name"])}
    tax_rates = {one["name"]: one["tax_type"] for one in _tax_rates(organisation)}
    return {
        "account_code": accounts.get(typed["account_code"], typed["account_code"]),
        "tax_type": tax_rates.get(typed["tax_type"], typed["tax_type"]),
    }


def _account_label(account: Mapping[str, Any]) -> str:
    return f"{account['code']} {account['name']}"


def _accounts(organisation: OrganisationSettings | None) -> Choices:
    return organisation.accounts if organisation else ()


def _tax_rates(organisation: OrganisationSettings | None) -> Choices:
    return organisation.tax_rates if organisation else ()
