"""GET /Contacts: its parameters, turned into one statement."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posxero.practice import xero_dates
from posxero.practice.columns import Column, Columns, of_json
from posxero.practice.filter_tokens import CannotParse, guid
from posxero.practice.folding import fold

PAGE_SIZE, PAGE_SIZE_MOST = 100, 1000
ROWS_MOST = 100_000  # contacts in one answer; Xero refuses more with 400
IN_RECORD = of_json(
    "Contact",
    "record",
    {
        "String": (
            "FirstName",
            "LastName",
            "CompanyNumber",
            "TaxNumber",
            "BankAccountDetails",
            "DefaultCurrency",
            "SalesDefaultAccountCode",
            "PurchasesDefaultAccountCode",
        ),
        "Boolean": ("IsCustomer", "IsSupplier"),
        "Guid": ("MergedToContactID",),
    },
)
COLUMNS = Columns(
    "Contact",
    {
        **IN_RECORD.by_name,
        "contactid": Column("contact_id", "Guid"),
        "contactstatus": Column("lower(status)", "String"),
        "name": Column("name", "String"),
        "emailaddress": Column("email", "String"),
        "accountnumber": Column("account", "String"),
        "contactnumber": Column("number", "String"),
        "updateddateutc": Column("updated", "DateTime"),
    },
)
WRITTEN = "EXISTS (SELECT 1 FROM written_by_api WHERE written_by_api.contact_id = contact.contact_id)"


@dataclass(frozen=True)
class Page:
    """The contacts of an answer, as stored, and where they stand among all that were found."""

    records: list[tuple[str, bool]]  # with whether the API has written it
    number: int  # 0 where no page was asked for
    size: int
    count: int

    @property
    def pages(self) -> int:
        """Count the pages."""
        return -(-self.count // self.size)


@dataclass
class _Statement:
    conditions: list[str]
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions)


def find(database: sqlite3.Connection, tenant: str, asked: Mapping[str, str], since: str) -> Page:
    """Find contacts by the parameters of a request; `since` is its If-Modified-Since header.

    Raises:
        CannotParse: where, order or IDs are not in Xero's language, or too many contacts were asked for.
    """
    number = _number(asked.get("page"), 0)
    if number < 1:
        number = 1 if _true(asked.get("summaryOnly")) else 0
    size = min(max(_number(asked.get("pageSize"), PAGE_SIZE), 1), PAGE_SIZE_MOST)
    statement = _filtered(tenant, asked, since, paged=number > 0)
    count = database.execute(f"SELECT count(*) FROM contact WHERE {statement.where}", statement.values).fetchone()[0]  # noqa: S608 - conditions are ours, values are bound
    if not number and count > ROWS_MOST:
        raise CannotParse("Your request is not filtering Contacts efficiently, given the extremely high volume")
    order = f"{COLUMNS.order(asked.get('order', ''), 'updated ASC')}, contact_id ASC"
    page = f"SELECT rowid FROM contact WHERE {statement.where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - same
    chosen = f"SELECT record, {WRITTEN} AS by_api FROM contact WHERE rowid IN ({page}) ORDER BY {order}"  # noqa: S608 - same; skipped rows are not read
    limits = (size, (number - 1) * size) if number else (-1, 0)
    rows = database.execute(chosen, (*statement.values, *limits))
    return Page([(row["record"], bool(row["by_api"])) for row in rows], number, size, count)


def _filtered(tenant: str, asked: Mapping[str, str], since: str, *, paged: bool) -> _Statement:
    statement = _Statement(["tenant_id = ?"], [tenant])
    if not _true(asked.get("includeArchived")):
        statement.add("status = 'ACTIVE'")
    if asked.get("IDs"):
        _add_ids(statement, asked["IDs"])
    if asked.get("where"):
        condition = COLUMNS.condition(asked["where"])
        statement.add(condition.sql, *condition.values)
    if asked.get("searchTerm") and paged:  # Xero ignores it where no page is asked for
        statement.add("instr(search, ?) > 0", fold(asked["searchTerm"]))
    moment = xero_dates.read_if_modified_since(since) if since else None
    if moment is not None:
        statement.add("updated >= ?", moment)
    return statement


def _add_ids(statement: _Statement, ids: str) -> None:
    wanted = [guid(each.strip()) for each in ids.split(",") if each.strip()]
    statement.add(f"contact_id IN ({', '.join('?' * len(wanted))})", *wanted)


def _true(value: str | None) -> bool:
    return (value or "").lower() == "true"


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else otherwise
