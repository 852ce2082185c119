"""Alter the contacts or invoices of an answer: too few, too many, or others than were asked for."""

import sqlite3
from collections.abc import Callable
from uuid import uuid4

from flask import Response

from posxero.practice import answers
from posxero.practice.faults import Fault
from posxero.practice.other_elements import RESOURCES, Others
from posxero.practice.shapes import Json

RANDOM_ID = "random"  # the value of an "other_id" that belongs to nothing


def alter(response: Response, fault: Fault, database: sqlite3.Connection, tenant: str, now: int) -> None:
    """Alter the contacts or invoices of a successful answer as the fault asks; `pagination` keeps the true counts.

    An answer that lacks the element that the fault names stays as it is.
    """
    if response.status_code != 200:  # noqa: PLR2004
        return
    body = response.get_json()
    if fault.kind == "missing_organisation":
        body = [each for each in body if fault.tenant not in {"", each["tenantId"]}]
    elif fault.kind in ALTERATIONS:
        for resource in RESOURCES:
            if resource.plural in body:
                others = Others(resource, database, tenant, now)
                body[resource.plural] = ALTERATIONS[fault.kind](body[resource.plural], fault, others)
    response.set_data(answers.encode(body))


def _index(elements: list[Json], fault: Fault, others: Others) -> int | None:
    """Return the index of the element that the fault names, the last index if it names none."""
    named = (at for at, each in enumerate(elements) if fault.contact_id in {"", each[others.id_key]})
    return max(named, default=None)


def _fewer(elements: list[Json], fault: Fault, others: Others) -> list[Json]:
    if fault.contact_id:
        return [each for each in elements if each[others.id_key] != fault.contact_id]
    return elements[: max(len(elements) - (fault.elements or 0), 0)]


def _short(elements: list[Json], fault: Fault, _others: Others) -> list[Json]:
    return elements[: len(elements) // 2 if fault.elements is None else fault.elements]


def _more(elements: list[Json], fault: Fault, others: Others) -> list[Json]:
    extra = others.find(elements, fault.contact_id)
    return [*elements, extra | ({"StatusAttributeString": "OK"} if _has_element_statuses(elements) else {})]


def _has_element_statuses(elements: list[Json]) -> bool:
    """Return whether the elements answer a write with summarizeErrors=false."""
    return any("StatusAttributeString" in each for each in elements)


def _other_id(elements: list[Json], fault: Fault, others: Others) -> list[Json]:
    other = str(uuid4()) if fault.value == RANDOM_ID else fault.value or others.find(elements)[others.id_key]
    return _with_fields(elements, fault, others, {others.id_key: other})


def _other_number(elements: list[Json], fault: Fault, others: Others) -> list[Json]:
    number = fault.value or f"OTHER-{uuid4().hex[:8]}"
    return _with_fields(elements, fault, others, {others.number_key: number})


def _with_fields(elements: list[Json], fault: Fault, others: Others, fields: Json) -> list[Json]:
    index = _index(elements, fault, others)
    return [each | fields if at == index else each for at, each in enumerate(elements)]


def _reordered(elements: list[Json], _fault: Fault, _others: Others) -> list[Json]:
    return elements[::-1]


def _repeated(elements: list[Json], fault: Fault, others: Others) -> list[Json]:
    index = _index(elements, fault, others)
    return elements if index is None else [*elements, elements[index]]


ALTERATIONS: dict[str, Callable[[list[Json], Fault, Others], list[Json]]] = {
    "fewer": _fewer,
    "more": _more,
    "other_id": _other_id,
    "other_number": _other_number,
    "reordered": _reordered,
    "repeated": _repeated,
    "short_page": _short,
}
