"""JSON for tests: the settings of an organisation, and the status of its accounts and tax rates.

GET and POST /practice/organisations/<tenant>/settings show and change what posxero.practice.organisation_settings
lists: {"period_lock_date": "2026-03-31"}, null for none. Below /practice/organisations/<tenant>:
  POST accounts/<code>/archive, accounts/<code>/restore
  POST tax-rates/<TaxType>/retire, tax-rates/<TaxType>/restore
"""

import msgspec
from flask import Blueprint, Response, abort, request

from posxero.practice import answers, chart, organisation_settings, store
from posxero.practice.organisations import by_tenant
from posxero.practice.state import database, now

bp = Blueprint("settings_control", __name__, url_prefix="/practice/organisations/<tenant>")


@bp.get("/settings")
def show(tenant: str) -> Response:
    """Show the settings."""
    return answers.json_answer(msgspec.to_builtins(organisation_settings.get(database(), _known(tenant))))


@bp.post("/settings")
def change(tenant: str) -> Response:
    """Change some of the settings."""
    body = request.get_json()
    try:
        with store.transaction(database()):
            organisation_settings.change(database(), _known(tenant), **body)
    except (TypeError, msgspec.ValidationError) as error:
        return answers.json_answer({"error": str(error)}, 400)
    return show(tenant)


@bp.post("/accounts/<code>/<any(archive, restore):action>")
def change_account(tenant: str, code: str, action: str) -> Response:
    """Archive or restore an account."""
    if code not in {account["Code"] for account in chart.accounts(_known(tenant))}:
        abort(404)
    with store.transaction(database()):
        organisation_settings.archive_account(database(), tenant, code, is_archived=action == "archive", now=now())
    return show(tenant)


@bp.post("/tax-rates/<tax_type>/<any(retire, restore):action>")
def change_tax_rate(tenant: str, tax_type: str, action: str) -> Response:
    """Retire or restore a tax rate."""
    if tax_type not in {rate["TaxType"] for rate in chart.tax_rates()}:
        abort(404)
    _known(tenant)
    with store.transaction(database()):
        organisation_settings.retire_tax_rate(database(), tenant, tax_type, is_retired=action == "retire")
    return show(tenant)


def _known(tenant: str) -> str:
    if by_tenant(tenant) is None:
        abort(404)
    return tenant.lower()
