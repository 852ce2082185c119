"""The customers and suppliers that are here and that some rows of a file may be, found by their indexes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.contact_indexes import HAS_CODE, HAS_MOBILE, HAS_PHONE
from posxero.domain.columns import values_of
from posxero.domain.erasure import STAGED_REASON
from posxero.domain.fields import KEYS
from posxero.domain.matching import Candidate, Index

CUSTOMERS_PER_FETCH: Final = 500
MERGED: Final = "It was merged into another customer here, so it isn't imported"
IS_GONE: Final = or_(Contact.merged_into.is_not(None), Contact.erased_at.is_not(None))
_COMPARED: Final = (Contact.id, Contact.name_key, Contact.email_key, Contact.phone_keys)


class ExistingContact(NamedTuple):
    """One of ours, with the values of all its fields."""

    id: UUID
    name_key: str
    values: dict[str, str]


OtherPhones = Mapping[str, Sequence[Candidate]]  # by phone key


class MatchKeys(NamedTuple):
    """What some rows are looked for by."""

    names: set[str]
    emails: set[str]
    phones: set[str]


def load(session: Session, business_id: UUID, ids: Iterable[UUID]) -> dict[UUID, ExistingContact]:
    """Load contacts by their ids; those that the business does not have, or that were merged or erased, are missing."""
    columns = [getattr(Contact, key) for key in KEYS]
    chosen = (Contact.business_id == business_id, Contact.id.in_(set(ids)), ~IS_GONE)
    rows = session.execute(select(Contact.id, Contact.name_key, *columns).where(*chosen))
    return {row.id: ExistingContact(row.id, row.name_key, values_of(row)) for row in rows}


def reasons_gone(session: Session, business_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return why contacts with some of these ids stay away: they were erased, or merged into others."""
    if not ids:
        return {}
    chosen = (Contact.business_id == business_id, Contact.id.in_(ids), IS_GONE)
    rows = session.execute(select(Contact.id, Contact.erased_at).where(*chosen))
    return {contact_id: STAGED_REASON if erased_at else MERGED for contact_id, erased_at in rows}


def index_of(session: Session, business_id: UUID, keys: MatchKeys, other_phones: OtherPhones) -> Index:
    """Find the contacts that have one of the names, emails or phones, archived ones too."""
    index, seen = Index(), set[UUID]()
    found = (_candidates(session, business_id, condition) for condition in _conditions(keys))
    for contact in chain(*found, *(other_phones.get(phone, ()) for phone in keys.phones)):
        if contact.contact_id not in seen:
            seen.add(contact.contact_id)
            index.add(contact)
    return index


def by_other_phones(session: Session, business_id: UUID) -> OtherPhones:
    """Return by each of their phone keys whoever has a direct line or a fax, which no index finds."""
    found: dict[str, list[Candidate]] = {}
    for contact in _candidates(session, business_id, (or_(Contact.direct_dial != "", Contact.fax != ""),)):
        for key in contact.phone_keys:
            found.setdefault(key, []).append(contact)
    return found


def owners_of_codes(session: Session, business_id: UUID, codes: Sequence[str]) -> dict[str, UUID]:
    """Return who has which of some customer codes."""
    if not codes:
        return {}
    chosen = (Contact.business_id == business_id, Contact.customer_code.in_(codes), HAS_CODE)
    return dict(session.execute(select(Contact.customer_code, Contact.id).where(*chosen)).all())


def _conditions(keys: MatchKeys) -> Iterator[Sequence[ColumnElement[bool] | Any]]:
    if keys.names:
        yield (Contact.name_key.in_(keys.names),)
    if keys.emails:
        yield (Contact.email_key.in_(keys.emails),)
    if keys.phones:
        yield (Contact.phone_key.in_(keys.phones), HAS_PHONE)
        yield (Contact.mobile_key.in_(keys.phones), HAS_MOBILE)


def _candidates(session: Session, business_id: UUID, condition: Sequence[Any]) -> Iterator[Candidate]:
    query = select(*_COMPARED).where(Contact.business_id == business_id, Contact.merged_into.is_(None), *condition)
    for contact_id, name_key, email_key, phone_keys in session.execute(
        query.execution_options(yield_per=CUSTOMERS_PER_FETCH)
    ):
        yield Candidate(contact_id, name_key, email_key, tuple(phone_keys.split()))
