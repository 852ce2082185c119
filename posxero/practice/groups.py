"""Contact groups and their members. Practice Xero only reads them."""

import sqlite3
from typing import Any
from uuid import uuid5

from posxero.practice.organisations import ID_NAMESPACE
from posxero.practice.shapes import Json

SEEDED_MEMBERS = {  # the contacts that a new organisation has in them
    "Trade customers": frozenset({"Bayside Wholesale Club", "Smith, Jones & Partners"}),
    "Community": frozenset({"Te Ohu Whakaū Māori Arts"}),
}
SELECT_MEMBERS = """
SELECT json_extract(record, '$.ContactID') AS id, json_extract(record, '$.Name') AS name
FROM contact, json_each(record, '$.ContactGroups') AS membership
WHERE tenant_id = ? AND status = 'ACTIVE' AND json_extract(membership.value, '$.ContactGroupID') = ?
ORDER BY contact.name, contact_id
"""


def groups_of_contact(tenant_id: str, name: str) -> list[Json]:
    """Return the groups that a new organisation's contact is in, as its record holds them."""
    return [_group(tenant_id, group) for group, names in SEEDED_MEMBERS.items() if name in names]


def all_groups(tenant_id: str) -> list[dict[str, Any]]:
    """Return the elements of GET /ContactGroups, which names no members."""
    return [_group(tenant_id, name) | {"Contacts": []} for name in SEEDED_MEMBERS]


def get_group(database: sqlite3.Connection, tenant_id: str, group_id: str) -> dict[str, Any] | None:
    """Return a group with its active members, each with its ContactID and name, or None."""
    found = next((each for each in all_groups(tenant_id) if each["ContactGroupID"] == group_id.lower()), None)
    if found is None:
        return None
    rows = database.execute(SELECT_MEMBERS, (tenant_id, group_id.lower()))
    return found | {"Contacts": [_member(row["id"], row["name"]) for row in rows]}


def _group(tenant_id: str, name: str) -> Json:
    group_id = str(uuid5(ID_NAMESPACE, f"{tenant_id} group {name}"))
    return {"ContactGroupID": group_id, "Name": name, "Status": "ACTIVE", "HasValidationErrors": False}


def _member(contact_id: str, name: str) -> dict[str, Any]:
    lists: dict[str, Any] = {"Addresses": [], "Phones": [], "ContactGroups": [], "ContactPersons": []}
    return {"ContactID": contact_id, "Name": name, **lists, "HasValidationErrors": False}
