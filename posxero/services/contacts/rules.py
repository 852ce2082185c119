"""What makes a contact of a business fit to be saved, beyond the rules of its fields.

InvalidContact     a field is wrong
CodeTaken          of these, that its code is another contact's and nothing else is wrong
DuplicateContact   another contact is like it, and nobody said that is meant: it has the same name and email, or
                   the email, mobile, phone or nearly the name of one that is added
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.domain import validation
from posxero.domain.field_rules import RuleContext
from posxero.domain.fields import KEYS
from posxero.domain.folding import email_key, name_key
from posxero.domain.kinds import ContactKind
from posxero.services.contacts.duplicates import known as duplicates
from posxero.services.contacts.duplicates import near
from posxero.services.contacts.duplicates.known import PossibleDuplicate
from posxero.services.contacts.duplicates.near import ContactOfXero
from posxero.services.contacts.labels import checks as labels
from posxero.services.errors import Invalid

CODE: Final = "customer_code"  # the key of the field that is unique in a business


class InvalidContact(Invalid):
    """A contact cannot be saved."""


class CodeTaken(InvalidContact):
    """The code of a contact, which is right otherwise, is another's; `owner` is its name, "" where nobody looked."""

    def __init__(self, kind: ContactKind, owner: str = "") -> None:
        super().__init__({CODE: f"{owner or 'Another contact'} already has this {kind.one} code"})
        self.owner = owner


class DuplicateContact(Exception):
    """Other contacts are like this one: `known` are here, `in_xero` are in Xero alone."""

    def __init__(self, known: Sequence[PossibleDuplicate], in_xero: Sequence[ContactOfXero] = ()) -> None:
        super().__init__(", ".join(str(one.id) for one in known))
        self.known = tuple(known)
        self.in_xero = tuple(in_xero)


def context_of(business: Business, kind: ContactKind, now: datetime) -> RuleContext:
    """Return what the rules of fields depend on, besides the values."""
    return RuleContext(now.astimezone(ZoneInfo(business.timezone or "UTC")).date(), kind)


def check(
    session: Session,
    business_id: UUID,
    values: Mapping[str, str],
    *,
    context: RuleContext,
    changed: Collection[str] = KEYS,
    but: UUID | None = None,
    confirmed: bool = False,
) -> None:
    """Check the changed fields, the customer code and, unless that is confirmed, that it is no duplicate.

    Args:
        values: Every field by key, cleaned.
        context: What the rules of fields depend on (`context_of`).
        changed: The keys of the fields to check; all of a new contact's.
        but: The contact itself, when it exists.

    Raises:
        InvalidContact: A changed field is wrong.
        CodeTaken: Only the code is wrong: another contact has it.
        DuplicateContact: The name or the email changed to what another contact has.
    """
    errors = validation.check(values, changed=changed, context=context)
    errors = labels.errors_of(session, business_id, values, changed) | errors
    if CODE in changed and CODE not in errors:
        owner = _other(session, business_id, but, customer_code=values[CODE])
        taken = owner and CodeTaken(context.contact_kind, owner[1])
        if taken and not errors:
            raise taken
        errors |= taken.errors if taken else {}
    if errors:
        raise InvalidContact(errors)
    if confirmed or {"name", "email"}.isdisjoint(changed):
        return
    twin = _other(session, business_id, but, email_key=email_key(values["email"]), name_key=name_key(values["name"]))
    if twin:
        raise DuplicateContact([PossibleDuplicate(*twin, same=("name", "email"))])


def refuse_known(session: Session, business: Business, values: Mapping[str, str]) -> None:
    """Refuse to add a contact whose email, mobile, phone or name another has, here or in Xero.

    Raises:
        DuplicateContact: One has.
    """
    known, in_xero = find_known(session, business, values), near.find_in_xero(session, business, values)
    if known or in_xero:
        raise DuplicateContact(known, in_xero)


def find_known(session: Session, business: Business, values: Mapping[str, str]) -> list[PossibleDuplicate]:
    """Find the contacts that a new one may be: by email and phones, then by name."""
    found = duplicates.find(session, business, values)
    ids = {one.id for one in found}
    return found + [one for one in near.find(session, business, values) if one.id not in ids]


def _other(session: Session, business_id: UUID, but: UUID | None, **same: str) -> tuple[UUID, str] | None:
    """Find another contact with the same values; an empty value is nobody's."""
    if not all(same.values()):
        return None
    query = select(Contact.id, Contact.name).where(Contact.business_id == business_id, Contact.id != but)
    row = session.execute(query.filter_by(**same).order_by(Contact.id).limit(1)).one_or_none()
    return (row[0], row[1]) if row else None
