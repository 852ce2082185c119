"""What the Accounting API only reads here: the organisation, its accounts, rates, currencies, users and groups."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, request

from posxero.practice import answers, chart, groups, middleware, organisations, users, xero_dates
from posxero.practice.columns import Columns, of_json
from posxero.practice.filter_tokens import CannotParse
from posxero.practice.state import database, now

bp = Blueprint("reference", __name__, url_prefix="/api.xro/2.0")
middleware.guard(bp)

Elements = Sequence[dict[str, Any]]

ACCOUNT = of_json(
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
TAX_RATE = of_json(
    "TaxRate",
    "value",
    {
        "String": ("Name", "TaxType", "ReportTaxType", "Status"),
        "Boolean": [f"CanApplyTo{use}" for use in chart.USES],
        "Number": ("DisplayTaxRate", "EffectiveRate"),
    },
)
CURRENCY = of_json("Currency", "value", {"String": ("Code", "Description")})
GROUP = of_json("ContactGroup", "value", {"Guid": ("ContactGroupID",), "String": ("Name", "Status")})
USER = of_json(
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
def organisation() -> Response:
    """Describe the organisation."""
    found = organisations.by_tenant(g.tenant)
    return answers.envelope("Organisations", [found.shape()] if found else [], now())


@bp.get("/Organisation/Actions")
@bp.get("/Organisations/Actions")
def actions() -> Response:
    """List what the app may do in the organisation."""
    return answers.envelope("Actions", users.actions(), now())


@bp.get("/Accounts")
def accounts() -> Response:
    """List the chart of accounts."""
    return _listed("Accounts", chart.accounts(g.tenant), ACCOUNT)


@bp.get("/TaxRates")
def tax_rates() -> Response:
    """List the tax rates."""
    return _listed("TaxRates", chart.tax_rates(), TAX_RATE)


@bp.get("/Currencies")
def currencies() -> Response:
    """List the currencies."""
    return _listed("Currencies", chart.CURRENCIES, CURRENCY)


@bp.get("/Users")
def list_users() -> Response:
    """List the users."""
    return _listed("Users", users.people(g.tenant), USER)


@bp.get("/Users/<user_id>")
def user(user_id: str) -> Response:
    """Show one user."""
    found = [each for each in users.people(g.tenant) if each["UserID"] == user_id.lower()]
    return answers.envelope("Users", found, now()) if found else answers.not_found()


@bp.get("/ContactGroups")
def contact_groups() -> Response:
    """List the contact groups, without their members."""
    return _listed("ContactGroups", groups.all_groups(g.tenant), GROUP)


@bp.get("/ContactGroups/<group_id>")
def contact_group(group_id: str) -> Response:
    """Show one contact group and its members."""
    found = groups.one(database(), g.tenant, group_id)
    return answers.envelope("ContactGroups", [found], now()) if found else answers.not_found()


def _listed(plural: str, elements: Elements, columns: Columns) -> Response:
    """Answer the elements that where and If-Modified-Since choose, in the order that is asked for."""
    since = request.headers.get("If-Modified-Since", "") if "updateddateutc" in columns.by_name else ""
    try:
        chosen = choose(
            database(), elements, columns, request.args.get("where", ""), request.args.get("order", ""), since
        )
    except CannotParse as error:
        abort(answers.refused(answers.QUERY, str(error)))
    return answers.envelope(plural, chosen, now())


def choose(
    opened: sqlite3.Connection, elements: Elements, columns: Columns, where: str, order: str, since: str = ""
) -> list[Any]:
    """Filter and order elements as the database filters and orders contacts.

    Raises:
        CannotParse: The filter or the order is not in Xero's language.
    """
    conditions, values = ["1"], [json.dumps(elements)]
    if where:
        condition = columns.condition(where)
        conditions.append(condition.sql)
        values.extend(condition.values)
    moment = xero_dates.read_if_modified_since(since) if since else None
    if moment is not None:
        conditions.append(f"{columns.find('UpdatedDateUTC').sql} >= {moment}")
    chosen = f"SELECT value FROM json_each(?) WHERE {' AND '.join(conditions)} ORDER BY {columns.order(order, 'key')}"  # noqa: S608 - conditions are ours, values are bound
    return [json.loads(row["value"]) for row in opened.execute(chosen, values)]
