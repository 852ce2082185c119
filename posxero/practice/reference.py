"""Read-only reference data: the organisation, accounts, tax rates, currencies, users and groups."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, request

from posxero.practice import answers, chart, groups, middleware, organisation_settings, users, xero_dates
from posxero.practice.columns import Columns, json_columns
from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.state import database, now

bp = Blueprint("reference", __name__, url_prefix="/api.xro/2.0")
middleware.register(bp)

Elements = Sequence[dict[str, Any]]

ACCOUNT_COLUMNS = json_columns(
    "Account",
    "value",
    {
        "Guid": ("AccountID",),
        "String": (
            "Code",
            "Name",
            "Status",
            "Type",
            "TaxType",
            "Class",
            "SystemAccount",
            "BankAccountNumber",
            "BankAccountType",
            "CurrencyCode",
            "Description",
            "ReportingCode",
        ),
        "Boolean": ("EnablePaymentsToAccount", "ShowInExpenseClaims", "HasAttachments", "AddToWatchlist"),
        "DateTime": ("UpdatedDateUTC",),
    },
)
TAX_RATE_COLUMNS = json_columns(
    "TaxRate",
    "value",
    {
        "String": ("Name", "TaxType", "ReportTaxType", "Status"),
        "Boolean": [f"CanApplyTo{use}" for use in chart.USES],
        "Number": ("DisplayTaxRate", "EffectiveRate"),
    },
)
CURRENCY_COLUMNS = json_columns("Currency", "value", {"String": ("Code", "Description")})
GROUP_COLUMNS = json_columns("ContactGroup", "value", {"Guid": ("ContactGroupID",), "String": ("Name", "Status")})
USER_COLUMNS = json_columns(
    "User",
    "value",
    {
        "Guid": ("UserID",),
        "String": ("EmailAddress", "FirstName", "LastName", "OrganisationRole"),
        "Boolean": ("IsSubscriber",),
        "DateTime": ("UpdatedDateUTC",),
    },
)


@bp.get("/Organisation")
@bp.get("/Organisations")
def show_organisation() -> Response:
    """Describe the organisation."""
    found = organisation_settings.find(database(), tenant=g.tenant)
    lock_dates = organisation_settings.lock_date_fields(organisation_settings.get(database(), g.tenant))
    return answers.envelope("Organisations", [found.as_element() | lock_dates] if found else [], now())


@bp.get("/Organisation/Actions")
@bp.get("/Organisations/Actions")
def list_actions() -> Response:
    """List what the app may do in the organisation."""
    is_approval_required = bool(organisation_settings.get(database(), g.tenant).approval_status)
    return answers.envelope("Actions", users.list_actions(is_approval_required=is_approval_required), now())


@bp.get("/Accounts")
def list_accounts() -> Response:
    """List the chart of accounts."""
    return _list_answer("Accounts", organisation_settings.list_accounts(database(), g.tenant), ACCOUNT_COLUMNS)


@bp.get("/TaxRates")
def list_tax_rates() -> Response:
    """List the tax rates."""
    return _list_answer("TaxRates", organisation_settings.list_tax_rates(database(), g.tenant), TAX_RATE_COLUMNS)


@bp.get("/Currencies")
def list_currencies() -> Response:
    """List the currencies."""
    return _list_answer("Currencies", organisation_settings.list_currencies(database(), g.tenant), CURRENCY_COLUMNS)


@bp.get("/Users")
def list_users() -> Response:
    """List the users."""
    return _list_answer("Users", users.list_users(g.tenant), USER_COLUMNS)


@bp.get("/Users/<user_id>")
def show_user(user_id: str) -> Response:
    """Show one user."""
    found = [each for each in users.list_users(g.tenant) if each["UserID"] == user_id.lower()]
    return answers.envelope("Users", found, now()) if found else answers.not_found()


@bp.get("/ContactGroups")
def list_contact_groups() -> Response:
    """List the contact groups, without their members."""
    return _list_answer("ContactGroups", groups.all_groups(g.tenant), GROUP_COLUMNS)


@bp.get("/ContactGroups/<group_id>")
def show_contact_group(group_id: str) -> Response:
    """Show one contact group and its members."""
    found = groups.get_group(database(), g.tenant, group_id)
    return answers.envelope("ContactGroups", [found], now()) if found else answers.not_found()


def _list_answer(plural: str, elements: Elements, columns: Columns) -> Response:
    """Return the elements that match where and If-Modified-Since, in the requested order."""
    since = request.headers.get("If-Modified-Since", "") if "updateddateutc" in columns.by_name else ""
    try:
        chosen = select_elements(
            database(), elements, columns, request.args.get("where", ""), request.args.get("order", ""), since
        )
    except InvalidQuery as error:
        abort(answers.bad_request(answers.QUERY, str(error)))
    return answers.envelope(plural, chosen, now())


def select_elements(
    opened: sqlite3.Connection, elements: Elements, columns: Columns, where: str, order: str, since: str = ""
) -> list[Any]:
    """Filter and order elements as the database filters and orders contacts.

    Raises:
        InvalidQuery: The filter or the order is not in Xero's language.
    """
    conditions, values = ["1"], [json.dumps(elements)]
    if where:
        condition = columns.condition(where)
        conditions.append(condition.sql)
        values.extend(condition.values)
    modified_since = xero_dates.parse_if_modified_since(since) if since else None
    if modified_since is not None:
        conditions.append(f"{columns.find('UpdatedDateUTC').sql} >= {modified_since}")
    chosen = f"SELECT value FROM json_each(?) WHERE {' AND '.join(conditions)} ORDER BY {columns.order(order, 'key')}"  # noqa: S608 - conditions are ours, values are bound
    return [json.loads(row["value"]) for row in opened.execute(chosen, values)]
