"""The columns that search and matching compare, drawn from the fields of a contact."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.domain import phone_numbers
from posxero.domain.columns import values_of
from posxero.domain.fields import FIELDS
from posxero.domain.folding import email_key, name_key, phone_keys, search_text
from posxero.domain.near_names import near_key


def search_columns(values: Mapping[str, str], country: str) -> dict[str, str]:
    """Fold a contact's fields, for its columns of the same names.

    Args:
        values: Fields by key.
        country: The business's, ISO 3166-1 alpha-2 or "": local phone numbers are read by it.
    """
    folded = name_key(values["name"])
    return {
        "name_key": folded,
        "near_key": near_key(folded),
        "search_text": search_text(values, country),
        "email_key": email_key(values["email"]),
        "phone_keys": " ".join(phone_keys(values, country)),
        "phone_key": phone_numbers.key(values["phone"], country),
        "mobile_key": phone_numbers.key(values["mobile"], country),
    }


BATCH_SIZE = 500  # contacts a transaction


COLUMNS = [getattr(Contact, field.key) for field in FIELDS]


def businesses_to_refold(session: Session) -> Sequence[UUID]:
    """List the businesses whose contacts are folded by another country than theirs."""
    return session.scalars(select(Business.id).where(Business.folded_country != Business.country)).all()


def _refold_batch(session: Session, business_id: UUID, country: str, after: UUID) -> list[UUID]:
    query = (
        select(Contact.id, *COLUMNS)
        .where(Contact.business_id == business_id, Contact.id > after, Contact.merged_into.is_(None))
        .order_by(Contact.id)
        .limit(BATCH_SIZE)
        .with_for_update()
    )
    with writing(session):
        batch = [{"contact": row.id, **search_columns(values_of(row), country)} for row in session.execute(query)]
        if batch:
            table = Contact.__table__
            columns: dict[str, Any] = {key: bindparam(key) for key in batch[0] if key != "contact"}
            statement = (
                update(table)  # type: ignore[arg-type]  # a Table, as Core wants for executemany
                .where(table.c.business_id == business_id, table.c.id == bindparam("contact"))
                .values(columns)
            )
            session.connection().execute(statement, batch)
    return [row["contact"] for row in batch]


def refold(session: Session, business_id: UUID) -> None:
    """Fold every contact again, in batches of their own transactions; a second run does no harm.

    A country that changes meanwhile leaves it due.
    """
    business = session.get(Business, business_id, populate_existing=True)
    if business is None or business.folded_country == business.country:
        return
    country, last = business.country, UUID(int=0)
    while ids := _refold_batch(session, business_id, country, last):
        last = ids[-1]
    unchanged = (Business.id == business_id, Business.country == country)
    with writing(session):
        session.execute(update(Business).where(*unchanged).values(folded_country=country))
