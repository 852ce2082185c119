"""Turn the parameters of GET /Invoices into one SQL statement."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posxero.practice import query, xero_dates
from posxero.practice.columns import Column, Columns
from posxero.practice.filter_tokens import InvalidQuery, parse_guid
from posxero.practice.folding import fold
from posxero.practice.query import Statement
from posxero.practice.shapes import Json

MAX_UNPAGED_INVOICES = 100_000  # invoices in one answer; Xero refuses more with 400
CONTACT_SQL = "(SELECT {column} FROM contact WHERE contact.contact_id = invoice.contact_id)"
COLUMNS = Columns(
    "Invoice",
    {
        "type": Column("'accrec'", "String"),
        "invoiceid": Column("invoice_id", "Guid"),
        "invoicenumber": Column("number", "String"),
        "reference": Column("reference", "String"),
        "status": Column("lower(status)", "String"),
        "date": Column("issued", "DateTime"),
        "duedate": Column("due", "DateTime"),
        "fullypaidondate": Column("fully_paid", "DateTime"),
        "updateddateutc": Column("updated", "DateTime"),
        "total": Column("total / 100.0", "Number"),
        "amountdue": Column("amount_due / 100.0", "Number"),
        "amountpaid": Column("amount_paid / 100.0", "Number"),
        "amountcredited": Column("amount_credited / 100.0", "Number"),
        "contact.contactid": Column("contact_id", "Guid"),
        "contact.name": Column(f"coalesce({CONTACT_SQL.format(column='name')}, '')", "String"),
        "contact.contactnumber": Column(f"coalesce({CONTACT_SQL.format(column='number')}, '')", "String"),
    },
)


@dataclass(frozen=True)
class InvoicePage:
    """The records of a page of invoices, each with its contact, and the page's place among all that were found."""

    records: list[tuple[str, Json]]
    number: int  # 0 where no page was requested
    size: int
    count: int

    @property
    def pagination(self) -> dict[str, int] | None:
        """Return the pagination of the answer, None where no page was requested."""
        pages = -(-self.count // self.size)
        found = {"page": self.number, "pageSize": self.size, "pageCount": pages, "itemCount": self.count}
        return found if self.number else None


def find_invoices(database: sqlite3.Connection, tenant: str, parameters: Mapping[str, str], since: str) -> InvoicePage:
    """Find invoices by the parameters of a request; `since` is its If-Modified-Since header.

    Raises:
        InvalidQuery: where, order or an id is not in Xero's language, or too many invoices were requested.
    """
    number, size = query.page_of(parameters)
    statement = _filtered(tenant, parameters, since, paged=number > 0)
    count = database.execute(f"SELECT count(*) FROM invoice WHERE {statement.where}", statement.values).fetchone()[0]  # noqa: S608 - conditions are ours, values are bound
    if not number and count > MAX_UNPAGED_INVOICES:
        raise InvalidQuery("Your request is not filtering Invoices efficiently, given the extremely high volume")
    order = f"{COLUMNS.order(parameters.get('order', ''), 'updated ASC')}, invoice_id ASC"
    contact = CONTACT_SQL.format(column="record")
    chosen = f"SELECT record, contact_id, {contact} AS contact FROM invoice WHERE {statement.where}"  # noqa: S608 - same
    limits = (size, (number - 1) * size) if number else (-1, 0)
    rows = database.execute(f"{chosen} ORDER BY {order} LIMIT ? OFFSET ?", (*statement.values, *limits))
    return InvoicePage([(row["record"], _contact(row)) for row in rows], number, size, count)


def _contact(row: sqlite3.Row) -> Json:
    found: Json = json.loads(row["contact"]) if row["contact"] else {"ContactID": row["contact_id"]}
    return found


def _filtered(tenant: str, parameters: Mapping[str, str], since: str, *, paged: bool) -> Statement:
    statement = Statement(["tenant_id = ?"], [tenant])
    for key, column, parse in LISTS:
        if parameters.get(key):
            _add_list(statement, column, [parse(each.strip()) for each in parameters[key].split(",") if each.strip()])
    if parameters.get("where"):
        condition = COLUMNS.condition(parameters["where"])
        statement.add(condition.sql, *condition.values)
    if parameters.get("createdByMyApp", "").lower() == "true":
        statement.add("by_api")
    if parameters.get("searchTerm") and paged:
        statement.add("instr(search, ?) > 0", fold(parameters["searchTerm"]))
    modified_since = xero_dates.parse_if_modified_since(since) if since else None
    if modified_since is not None:
        statement.add("updated >= ?", modified_since)
    return statement


def _add_list(statement: Statement, column: str, values: list[Any]) -> None:
    statement.add(f"{column} IN ({', '.join('?' * len(values))})", *values)


LISTS = (  # parameter, column, how its values are read
    ("IDs", "invoice_id", parse_guid),
    ("ContactIDs", "contact_id", parse_guid),
    ("InvoiceNumbers", "number", fold),
    ("Statuses", "status", str.upper),
)
