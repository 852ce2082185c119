"""Alter the contacts of an answer: too few, too many, or others than were asked for."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Response

from posxero.practice import answers, rules, shapes
from posxero.practice.faults import Fault
from posxero.practice.shapes import Json

RANDOM_ID = "random"  # the value of an "other_id" that belongs to no contact


def alter(response: Response, fault: Fault, database: sqlite3.Connection, tenant: str, now: int) -> None:
    """Alter the contacts of a successful answer as the fault asks; `pagination` keeps the true counts.

    An answer that lacks the contact that the fault names stays as it is.
    """
    if response.status_code != 200:  # noqa: PLR2004
        return
    body = response.get_json()
    if fault.kind == "missing_organisation":
        body = [each for each in body if fault.tenant not in {"", each["tenantId"]}]
    elif fault.kind in ALTERATIONS and "Contacts" in body:
        body["Contacts"] = ALTERATIONS[fault.kind](body["Contacts"], fault, _OtherContacts(database, tenant, now))
    response.set_data(answers.encode(body))


class _OtherContacts:
    """Contacts of the organisation that an answer does not hold."""

    def __init__(self, database: sqlite3.Connection, tenant: str, now: int) -> None:
        self._database, self._tenant, self._now = database, tenant, now

    def find(self, elements: list[Json], contact_id: str = "") -> Json:
        """Return the record of a contact that is not in the answer, or a generated one if there is no other."""
        ids = json.dumps([element["ContactID"] for element in elements])
        statement = (
            "SELECT record FROM contact WHERE tenant_id = ? AND status = 'ACTIVE' AND (? = '' OR contact_id = ?)"
            " AND contact_id NOT IN (SELECT value FROM json_each(?)) ORDER BY contact_id LIMIT 1"
        )
        row = self._database.execute(statement, (self._tenant, contact_id, contact_id, ids)).fetchone()
        if row is None:
            return rules.new_record(contact_id or str(uuid4())) | {
                "Name": "Nobody's contact",
                "UpdatedDateUTC": self._now,
            }
        found: Json = json.loads(row["record"])
        return found


def _index(elements: list[Json], fault: Fault) -> int | None:
    """Return the index of the contact that the fault names, the last index if it names none."""
    named = (at for at, each in enumerate(elements) if fault.contact_id in {"", each["ContactID"]})
    return max(named, default=None)


def _fewer(elements: list[Json], fault: Fault, _others: _OtherContacts) -> list[Json]:
    if fault.contact_id:
        return [each for each in elements if each["ContactID"] != fault.contact_id]
    return elements[: max(len(elements) - (fault.elements or 0), 0)]


def _short(elements: list[Json], fault: Fault, _others: _OtherContacts) -> list[Json]:
    return elements[: len(elements) // 2 if fault.elements is None else fault.elements]


def _more(elements: list[Json], fault: Fault, others: _OtherContacts) -> list[Json]:
    other = others.find(elements, fault.contact_id)
    extra = shapes.contact_for_read(other, detailed=True)
    return [*elements, extra | ({"StatusAttributeString": "OK"} if _has_element_statuses(elements) else {})]


def _has_element_statuses(elements: list[Json]) -> bool:
    """Return whether the elements answer a write with summarizeErrors=false."""
    return any("StatusAttributeString" in each for each in elements)


def _other_id(elements: list[Json], fault: Fault, others: _OtherContacts) -> list[Json]:
    other = str(uuid4()) if fault.value == RANDOM_ID else fault.value or others.find(elements)["ContactID"]
    return _with_fields(elements, fault, ContactID=other)


def _other_number(elements: list[Json], fault: Fault, _others: _OtherContacts) -> list[Json]:
    return _with_fields(elements, fault, ContactNumber=fault.value or f"OTHER-{uuid4().hex[:8]}")


def _with_fields(elements: list[Json], fault: Fault, **fields: Any) -> list[Json]:
    index = _index(elements, fault)
    return [each | fields if at == index else each for at, each in enumerate(elements)]


def _reordered(elements: list[Json], _fault: Fault, _others: _OtherContacts) -> list[Json]:
    return elements[::-1]


def _repeated(elements: list[Json], fault: Fault, _others: _OtherContacts) -> list[Json]:
    index = _index(elements, fault)
    return elements if index is None else [*elements, elements[index]]


ALTERATIONS: dict[str, Callable[[list[Json], Fault, _OtherContacts], list[Json]]] = {
    "fewer": _fewer,
    "more": _more,
    "other_id": _other_id,
    "other_number": _other_number,
    "reordered": _reordered,
    "repeated": _repeated,
    "short_page": _short,
}
