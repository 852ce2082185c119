"""A person whose name, email and phone stand in every text, JSON and binary column that may hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from sqlalchemy import JSON, Enum, LargeBinary, String, Uuid, select, update

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.draft import Draft
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.import_file import ImportFile, ImportFilePiece
from posxero.db.merge import ContactMerge, MergedRow
from posxero.db.models import Base
from posxero.db.sale import SalePayment
from posxero.db.saved_filter import SavedFilter
from posxero.db.xero_lookup import UnlinkedCopy, XeroSearch
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.kinds import ContactKind
from posxero.domain.payments import PaymentKind
from posxero.services import activity
from tests.support import factories, sales
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from sqlalchemy import Column, Table
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact, Link
    from posxero.db.sale import Sale

NAME, EMAIL, PHONE = "Quenby Farthingale", "quenby@farthingale.example", "021 555 7788"
TEXT = f"{NAME}, {EMAIL}, {PHONE}"
FRAGMENTS = ("quenby", "farthingale", "555 7788", "5557788")

# Tables that hold nothing of a customer or supplier. A new table stands here or is planted below, and erased.
WITHOUT_PERSONS: Final = {
    "business": "the shop itself",
    "user": "people who sign in",
    "user_session": "people who sign in",
    "invitation": "people who will sign in",
    "grant": "tokens",
    "connection": "the organisation",
    "consent": "organisations to choose from",
    "drift_check": "ids and counters",
    "heartbeat": "processes",
    "form_submission": "ids: what a form held is not stored",
    "import": "counters, and what became of the whole run",
    "sales_settings": "accounts and numbers",
    "organisation_settings": "accounts and tax rates",
    "security_event": "the log names users, and customers by id alone",
    "xero_change": "ids",
    "label": "names of groups and tags",
    "distinct_pair": "ids",
    "other_invoice": "numbers and amounts of Xero's invoices, by id",
}
# Columns that hold nothing of the person: names of staff, numbers, codes.
KEPT: Final = {
    "contact": {"erased_by"},
    "link": {"owed_by"},
    "sale": {"number", "currency", "url", "xero_status", "xero_updated_at", "created_by", "voided_by", "owed_by"}
    | {"creation_key", "unconfirmed"},  # a sale that has these is not settled, and not erased
    "sale_line": {"account_code", "tax_type"},
    "activity": {"actor", "on_behalf_of", "field_keys"},
    "excluded_contact": {"excluded_by"},
    "import_row": {"kind_added"},
    "import_file": {"delimiter", "encoding"},
}


def planted_columns(table: Table) -> list[Column[Any]]:
    """List the columns of a table that a person's data may stand in."""
    kept = KEPT.get(table.name, set())
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
        and not isinstance(column.type, Enum | Uuid)
        and not column.primary_key
        and column.name not in kept
    ]


def plant(session: Session, row: Any) -> None:
    """Write the person into every such column of a row."""
    table = row.__table__
    values = {column.name: _value(column) for column in planted_columns(table)}
    key = [column == getattr(row, column.name) for column in table.primary_key]
    session.execute(update(table).where(*key).values(values))


def _value(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        is_list = "list" in str(getattr(column.default, "arg", ""))
        return [["name", NAME, EMAIL], ["phone", "", PHONE]] if is_list else {"values": {"name": NAME}, "x": TEXT}
    if isinstance(column.type, LargeBinary):
        return TEXT.encode()
    length = getattr(column.type, "length", None)
    return TEXT if length is None or length >= len(TEXT) else PHONE[:length]


def plant_everywhere(
    session: Session, business: Business, user: User, connection: Connection
) -> tuple[Contact, set[str]]:
    """Add the person, and rows about it in every table that may have some; return the tables' names too."""
    sales.add_sales_settings(session, business, connection)
    contact = factories.add_contact(session, business, NAME, email=EMAIL, phone=PHONE, first_name="Quenby")
    link = factories.add_link(session, contact, connection)
    note = factories.add_note(session, link)
    sale = sales.charge(session, business, contact)
    sale.xero_id, sale.sent_revision = uuid4(), sale.owed_revision
    link.sent_revision = link.owed_revision = contact.revision
    session.commit()
    activity.record(session, contact, ActivityKind.EDITED, by="Sam", now=LONG_AGO, changes={"email": ("", EMAIL)})
    activity.record_entry(
        session, business.id, ActivityKind.SENT, now=LONG_AGO, contact_id=contact.id, sent={"name": NAME}, answer=TEXT
    )
    session.flush()
    entries = session.scalars(select(Activity).where(Activity.contact_id == contact.id)).all()
    rows: list[Any] = [contact, link, note, sale, *sale.lines, *entries]
    rows += [entry.payload for entry in entries if entry.payload]
    rows += _payments(session, sale)
    rows += _lookups(session, contact, link, user)
    rows += _staged(session, business, link)
    rows += _merged(session, business, contact)
    rows += _uploaded(session, business)
    for row in rows:
        plant(session, row)
    _plant_in_others(session, business, connection, link)
    session.commit()
    session.expire_all()
    return contact, {row.__tablename__ for row in rows}


def _payments(session: Session, sale: Sale) -> list[Any]:
    key = {"business_id": sale.business_id, "id": new_id(), "sale_id": sale.id, "xero_id": uuid4()}
    paid = SalePayment(kind=PaymentKind.PAYMENT, paid_on=sale.sold_on, amount=sale.total, **key)
    session.add(paid)
    session.flush()
    return [paid]


def _lookups(session: Session, contact: Contact, link: Link, user: User) -> list[Any]:
    own = {"business_id": contact.business_id, "tenant_id": link.tenant_id}
    search = XeroSearch(id=new_id(), contact_id=contact.id, term=NAME, asked_at=LONG_AGO, answered_at=LONG_AGO, **own)
    copy = UnlinkedCopy(id=new_id(), contact_id=contact.id, xero_id=uuid4(), unlinked_at=LONG_AGO, **own)
    excluded = ExcludedContact(
        id=new_id(), xero_id=link.xero_id, excluded_by="Sam", excluded_at=LONG_AGO, name="", **own
    )
    draft = _draft(contact.business_id, user, contact.id)
    rows = [search, copy, excluded, draft]
    session.add_all([*rows, _draft(contact.business_id, user, None)])
    session.flush()
    return rows


def _draft(business_id: Any, user: User, contact_id: Any) -> Draft:
    return Draft(
        business_id=business_id,
        id=new_id(),
        user_id=user.id,
        kind=ContactKind.CUSTOMER,
        contact_id=contact_id,
        fields={"name": NAME.upper(), "phone": PHONE},
        started_at=LONG_AGO,
        saved_at=LONG_AGO,
    )


def _staged(session: Session, business: Business, link: Link) -> list[Any]:
    run = factories.new_import(business, tenant_id=link.tenant_id, started_by="Sam")
    nothing = dict.fromkeys(("name", "name_key", "search_text", "email_key", "phone_keys"), "")
    row = factories.new_import_row(run, xero_id=link.xero_id, contact_id=link.contact_id, copy={}, **nothing)
    session.add(run)
    session.flush()
    session.add(row)
    session.flush()
    return [row]


def _merged(session: Session, business: Business, contact: Contact) -> list[Any]:
    loser = factories.add_contact(session, business, NAME, email=EMAIL, is_customer=False, merged_into=contact.id)
    key = {"business_id": business.id, "survivor_id": contact.id, "loser_id": loser.id}
    merge = ContactMerge(id=new_id(), merged_at=LONG_AGO, merged_by="Sam", **key)
    session.add(merge)
    session.flush()
    row = MergedRow(business_id=business.id, merge_id=merge.id, moved_table="sale", row_id=new_id())
    session.add(row)
    session.flush()
    return [merge, row]


def _uploaded(session: Session, business: Business) -> list[Any]:
    file = ImportFile(
        business_id=business.id,
        id=new_id(),
        size=1,
        headings=[],
        samples=[],
        rows=1,
        uploaded_at=LONG_AGO,
        **dict.fromkeys(("name", "encoding", "delimiter", "uploaded_by"), ""),
    )
    session.add(file)
    session.flush()
    piece = ImportFilePiece(business_id=business.id, file_id=file.id, number=0, content=b"")
    params: dict[str, Any] = {}
    saved = SavedFilter(
        business_id=business.id,
        id=new_id(),
        kind=ContactKind.CUSTOMER,
        name="",
        name_key="",
        params=params,
        created_at=LONG_AGO,
        created_by="Sam",
    )
    session.add_all([piece, saved])
    session.flush()
    return [file, piece, saved]


def _plant_in_others(session: Session, business: Business, connection: Connection, link: Link) -> None:
    """Leave traces with other customers: one merged into the person in Xero, found it, and was refused for it."""
    other = factories.add_contact(session, business, "Bo")
    merged = factories.add_link(session, other, connection, state=LinkState.MERGED)
    copy = {"values": {"name": NAME, "email": EMAIL}}
    into = str(link.xero_id)
    merged.survivor = {"merged_to": into, "xero_id": into, "state": "in_use", "copy": copy}
    merged.copy, merged.reason = {"merged_to": into}, f"{NAME} is in the way."
    activity.record(session, other, ActivityKind.LINKED, by="Sam", now=LONG_AGO, note=f"{NAME} in Kiwi Ltd.")
    session.add(
        XeroSearch(
            business_id=business.id,
            id=new_id(),
            tenant_id=connection.tenant_id,
            contact_id=other.id,
            term=NAME,
            asked_at=LONG_AGO,
            answered_at=LONG_AGO,
            results=[[into, copy]],
        )
    )
    session.flush()


def find_traces(session: Session) -> list[str]:
    """Look for the person in every column of every table; return where it stands."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            for name, value in row.items():
                text = (value.decode(errors="ignore") if isinstance(value, bytes) else str(value)).lower()
                if any(fragment in text for fragment in FRAGMENTS):
                    found.append(f"{table.name}.{name}")
    session.rollback()
    return sorted(set(found))
