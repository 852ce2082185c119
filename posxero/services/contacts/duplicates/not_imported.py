"""Contacts of an organisation that the newest import from it read and did not bring in."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Select, false, literal_column, or_, select

from posxero.db.import_ import NOT_IMPORTED, Import, ImportRow


class PersonKeys(NamedTuple):
    """The folded name and email and the phone keys by which a person is known; "" and nothing agree with nobody."""

    name: str
    email: str
    phones: Collection[str]


def select_not_imported(
    business_id: UUID, tenant_id: UUID, keys: PersonKeys, *, limit: int
) -> Select[UUID, str, dict[str, Any]]:
    """Select the ids, names and copies of those that have the name, the email or a phone.

    Imports from other organisations and from files do not count; the rows of a file have no ids of Xero's.
    """
    newest = (
        select(Import.id)
        .where(Import.business_id == business_id, Import.tenant_id == tenant_id)
        .order_by(Import.started_at.desc())
        .limit(1)
    )
    agreements = [
        (keys.name, ImportRow.name_key == keys.name),
        (keys.email, ImportRow.email_key == keys.email),
        (keys.phones, or_(ImportRow.phone_key.in_(keys.phones), ImportRow.mobile_key.in_(keys.phones))),
    ]
    return (
        select(ImportRow.xero_id, ImportRow.name, ImportRow.copy)
        .where(
            ImportRow.business_id == business_id,
            ImportRow.import_id == newest.scalar_subquery(),
            literal_column(f"import_row.{NOT_IMPORTED}", Boolean),
            or_(false(), *(condition for key, condition in agreements if key)),
        )
        .order_by(ImportRow.name_key, ImportRow.xero_id)
        .limit(limit)
    )
