"""GET /Contacts: its parameters, turned into one statement."""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posxero.practice import moments
from posxero.practice.folding import fold

PAGE_SIZE, PAGE_SIZE_MOST = 100, 1000
ROWS_MOST = 100_000  # contacts in one answer; Xero refuses more with 400
COLUMNS = {"Name": "name", "EmailAddress": "email", "AccountNumber": "account", "ContactNumber": "number"}
ORDERS = {"ContactID": "contact_id", "UpdatedDateUTC": "updated", "Name": "name"}
CLAUSE = re.compile(
    r"""\s*(?P<field>\w+)\s*={1,2}\s*(?:"(?P<text>(?:[^"]|"")*)"|Guid\("(?P<guid>[^"]*)"\)|(?P<word>true|false))\s*""",
    re.IGNORECASE,
)
AND = re.compile(r"&&|\bAND\b", re.IGNORECASE)
GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class CannotParse(ValueError):
    """A filter or an order is not in Xero's language: 400, QueryParseException."""


@dataclass(frozen=True)
class Page:
    """The contacts of an answer, as stored, and where they stand among all that were found."""

    records: list[str]
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
    order = _order(asked.get("order", ""))
    page = f"SELECT rowid FROM contact WHERE {statement.where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - same
    chosen = f"SELECT record FROM contact WHERE rowid IN ({page}) ORDER BY {order}"  # noqa: S608 - same; skipped rows are not read
    limits = (size, (number - 1) * size) if number else (-1, 0)
    rows = database.execute(chosen, (*statement.values, *limits))
    return Page([row["record"] for row in rows], number, size, count)


def _filtered(tenant: str, asked: Mapping[str, str], since: str, *, paged: bool) -> _Statement:
    statement = _Statement(["tenant_id = ?"], [tenant])
    if not _true(asked.get("includeArchived")):
        statement.add("status = 'ACTIVE'")
    if asked.get("IDs"):
        _add_ids(statement, asked["IDs"])
    if asked.get("where"):
        _add_where(statement, asked["where"])
    if asked.get("searchTerm") and paged:  # Xero ignores it where no page is asked for
        statement.add("instr(search, ?) > 0", fold(asked["searchTerm"]))
    moment = moments.read_if_modified_since(since) if since else None
    if moment is not None:
        statement.add("updated >= ?", moment)
    return statement


def _add_ids(statement: _Statement, ids: str) -> None:
    wanted = [each.strip().lower() for each in ids.split(",") if each.strip()]
    wrong = [each for each in wanted if not GUID.fullmatch(each)]
    if wrong:
        raise CannotParse(f"{wrong[0]} is not a valid Guid")
    statement.add(f"contact_id IN ({', '.join('?' * len(wanted))})", *wanted)


def _add_where(statement: _Statement, where: str) -> None:
    position = 0
    while True:
        found = CLAUSE.match(where, position)
        if found is None:
            raise CannotParse(_complaint(where[position:]))
        _add_clause(statement, found)
        position = found.end()
        if position >= len(where):
            return
        joined = AND.match(where, position)
        if joined is None:
            raise CannotParse(f"Syntax error at {where[position:]!r}")
        position = joined.end()


def _complaint(rest: str) -> str:
    return "Unterminated string literal" if rest.count('"') % 2 else f"Syntax error at {rest!r}"


def _add_clause(statement: _Statement, found: re.Match[str]) -> None:
    name, text = found["field"], found["text"]
    if text is not None and name in COLUMNS:
        statement.add(f"{COLUMNS[name]} = ?", fold(text.replace('""', '"')))
    elif text is not None and name == "ContactStatus":
        statement.add("status = ?", text.upper())
    elif found["guid"] is not None and name == "ContactID":
        statement.add("contact_id = ?", found["guid"].lower())
    elif found["word"] is not None and name in {"IsCustomer", "IsSupplier"}:
        statement.add(f"json_extract(record, '$.{name}') = ?", found["word"].lower() == "true")
    elif text is not None and name in {"FirstName", "LastName", "CompanyNumber", "TaxNumber"}:
        statement.add(f"lower(coalesce(json_extract(record, '$.{name}'), '')) = ?", text.lower())
    else:
        raise CannotParse(f"No property or field '{name}' exists in type 'Contact', or its value is of another kind")


def _order(asked: str) -> str:
    parts = []
    for part in filter(None, (each.strip() for each in asked.split(","))):
        name, _, direction = part.partition(" ")
        if name not in ORDERS or direction.strip().upper() not in {"", "ASC", "DESC"}:
            raise CannotParse(f"Cannot order by {part!r}")
        parts.append(f"{ORDERS[name]} {direction.strip().upper() or 'ASC'}")
    return ", ".join([*(parts or ["updated ASC"]), "contact_id ASC"])


def _true(value: str | None) -> bool:
    return (value or "").lower() == "true"


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else otherwise
