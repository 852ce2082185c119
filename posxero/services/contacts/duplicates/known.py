"""Which contacts a new one may be: those that have its email, mobile or phone already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, literal_column, select, union
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.domain import phone_numbers
from posxero.domain.folding import email_key

COMPARED: Final = ("email", "mobile", "phone")  # keys of the fields that tell people apart
PHONES: Final = ("mobile", "phone")
# A literal, not a parameter: only then does SQLite use the partial index.
NOTHING: Final[ColumnElement[str]] = literal_column("''")
FOUND_MAX: Final = 3  # contacts; a number that hundreds share says nothing


@dataclass(frozen=True)
class PossibleDuplicate:
    """A contact that is there already. `same` are the keys of the fields that the new one shares with it."""

    id: UUID
    name: str
    same: tuple[str, ...]
    is_customer: bool = True
    is_supplier: bool = False
    is_archived: bool = False


def find(session: Session, business: Business, values: Mapping[str, str]) -> list[PossibleDuplicate]:
    """Find the contacts that share an email or a phone with a new one, in one statement; archived ones too.

    A number is known whether it is somebody's phone or mobile, and however it is written.

    Args:
        values: As typed, by key; of these only `COMPARED` count.
    """
    email = email_key(values.get("email", ""))
    phones = {key: phone_numbers.key(values.get(key, ""), business.country) for key in PHONES}
    typed = sorted({phone for phone in phones.values() if phone})
    if not email and not typed:
        return []
    rows = session.execute(STATEMENT, {"business_id": business.id, "email": email, "phones": typed})
    return [_known(row, email, phones) for row in rows]


def _known(row: Any, email: str, phones: Mapping[str, str]) -> PossibleDuplicate:
    same: tuple[str, ...] = ("email",) if email and row.email_key == email else ()
    same += tuple(key for key, phone in phones.items() if phone and phone in {row.phone_key, row.mobile_key})
    archived = row.archived_at is not None
    return PossibleDuplicate(row.id, row.name, same, row.is_customer, row.is_supplier, archived)


def _statement() -> Select[*tuple[Any, ...]]:
    """Build the statement: each of its parts looks into one index and reads nothing else."""
    ours = Contact.business_id == bindparam("business_id")
    phones: BindParameter[str] = bindparam("phones", expanding=True)
    same = (
        (Contact.email_key, Contact.email_key == bindparam("email")),
        (Contact.phone_key, Contact.phone_key.in_(phones)),
        (Contact.mobile_key, Contact.mobile_key.in_(phones)),
    )
    ids = union(*(select(Contact.id).where(ours, key > NOTHING, found) for key, found in same)).subquery("ids")
    shown = (Contact.id, Contact.name, Contact.is_customer, Contact.is_supplier, Contact.archived_at)
    keys = (Contact.email_key, Contact.phone_key, Contact.mobile_key)
    few = select(ids.c.id).limit(FOUND_MAX)
    return select(*shown, *keys).where(ours, Contact.id.in_(few)).order_by(Contact.name_key, Contact.id)


STATEMENT: Final = _statement()
