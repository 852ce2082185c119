"""Erase one person's data: the row stays without details, its sales keep pointing to it, and Xero is sent nothing more.

Nothing changes in Xero. What stays here: that there was a customer, who did what to it when, and the amounts, dates,
numbers and tax of its sales.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.merge import ContactMerge
from posxero.db.sale import Sale, SaleLine, SalePayment
from posxero.domain.columns import columns_of
from posxero.domain.enums import ActivityKind
from posxero.domain.erasure import ERASED_NAME
from posxero.domain.fields import FIELDS, KEYS
from posxero.domain.folding import name_key
from posxero.domain.redaction import Redactor
from posxero.domain.security_events import SecurityEventKind
from posxero.services import activity
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor
from posxero.services.contacts import contacts
from posxero.services.personal_data import kept_copies
from posxero.services.personal_data.blockers import Blocker, find_blockers
from posxero.services.personal_data.person import Person, load_merged, load_person
from posxero.services.sales import balances

NO_DETAILS: Final = columns_of(dict.fromkeys(KEYS, ""))
NO_PROVENANCE: Final = {
    column: value
    for field in FIELDS
    if field.provenance
    for column, value in ((field.provenance.at, None), (field.provenance.source, ""))
}
NO_KEYS: Final = dict.fromkeys(
    ("name_key", "near_key", "search_text", "email_key", "phone_keys", "phone_key", "mobile_key"), ""
)


class CannotErase(Exception):
    """Something must be settled first: `blockers`."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        super().__init__(" ".join(blocker.words for blocker in blockers))
        self.blockers = blockers


class NotConfirmed(Exception):
    """The name that was typed is not the contact's."""


class ErasurePreview(NamedTuple):
    """What erasing would leave, and what stands in its way."""

    sales: int
    owes: Decimal
    blockers: Sequence[Blocker]


def preview(session: Session, contact: Contact, *, now: datetime) -> ErasurePreview:
    """Count what stays of a contact, and find what must be settled first."""
    ours = (Sale.business_id == contact.business_id, Sale.contact_id == contact.id)
    count = session.scalar(select(func.count()).select_from(Sale).where(*ours)) or 0
    owes = balances.owes(session, contact.business_id, contact.id)
    return ErasurePreview(count, owes, find_blockers(session, contact, now=now))


def erase(session: Session, business: Business, contact_id: UUID, typed_name: str, *, by: Actor, now: datetime) -> None:
    """Erase every detail of a contact; commits once.

    Raises:
        NotFound: It is not there, or it is another business's.
        Erased: It was erased already.
        NotConfirmed: Another name was typed than the contact's.
        CannotErase: Something must be settled first.
    """
    with writing(session):
        contact = contacts.get(session, business.id, contact_id, lock=True)
        if name_key(typed_name) != name_key(contact.name):
            raise NotConfirmed
        group = [contact, *load_merged(session, contact, lock=True)]
        blockers = [one for each in group for one in find_blockers(session, each, now=now, lock=True)]
        if blockers:
            raise CannotErase(blockers)
        _erase_merges(session, group)
        for each in group:
            _erase(session, load_person(session, each), by=by, now=now)


def _erase_merges(session: Session, group: Sequence[Contact]) -> None:
    """Delete what would undo the merges of these contacts, with every value it holds; the caller commits."""
    ids = [contact.id for contact in group]
    either = or_(ContactMerge.survivor_id.in_(ids), ContactMerge.loser_id.in_(ids))
    of_group = (ContactMerge.business_id == group[0].business_id, either)
    for merge in session.scalars(select(ContactMerge).where(*of_group, ContactMerge.undone_at.is_not(None))):
        _erase_undone_merge(session, merge)
    session.execute(delete(ContactMerge).where(*of_group).execution_options(synchronize_session="fetch"))


def _erase_undone_merge(session: Session, merge: ContactMerge) -> None:
    """Empty what the survivor's history has of the values that came with a merge, and went; the caller commits."""
    times = {"merged_at": merge.merged_at, "undone_at": merge.undone_at or merge.merged_at}
    activity.erase_merge(session, merge.business_id, merge.survivor_id, **times)


def _erase(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    contact = person.contact
    kept_copies.exclude(session, person, by=by.name, now=now)
    kept_copies.erase_staged_rows(session, person)
    kept_copies.erase_lookups(session, person)
    kept_copies.erase_survivors(session, person)
    kept_copies.erase_drafts(session, person)
    links = delete(Link).where(Link.business_id == contact.business_id, Link.contact_id == contact.id)
    session.execute(links.execution_options(synchronize_session="fetch"))  # their notes for Xero's history go with them
    _erase_sales(session, person)
    activity.erase_payloads(session, contact.business_id, contact.id)
    others = Redactor(person.unique_values)
    activity.redact_notes(session, contact.business_id, others)
    kept_copies.redact_reasons(session, person, others)
    kept_copies.erase_filters(session, person, others)
    kept_copies.erase_files(session, contact.business_id)
    _erase_contact(contact, by=by.name, now=now)
    activity.record(session, contact, ActivityKind.ERASED, by=by.name, now=now)
    kind, facts = SecurityEventKind.ERASED, {"contact": str(contact.id)}
    security_log.record(session, contact.business_id, kind, by=by, now=now, subject=ERASED_NAME, facts=facts)


def _erase_sales(session: Session, person: Person) -> None:
    """Empty the texts of a contact's sales. Amounts, dates, numbers and tax stay, as do descriptions without a name."""
    contact, redactor = person.contact, Redactor(person.values)
    ours = (Sale.business_id == contact.business_id, Sale.contact_id == contact.id)
    empty: dict[str, Any] = {
        "reference": "",
        "over_limit_reason": "",
        "reason": "",
        "creation_body": {},
        "in_flight": None,
    }
    session.execute(update(Sale).where(*ours).values(**empty).execution_options(synchronize_session=False))
    sold = select(Sale.id).where(*ours)
    lines = select(SaleLine).where(SaleLine.business_id == contact.business_id, SaleLine.sale_id.in_(sold))
    for line in session.scalars(lines.execution_options(yield_per=500)):
        line.description = redactor.redact(line.description)
    payments = update(SalePayment).where(SalePayment.business_id == contact.business_id, SalePayment.sale_id.in_(sold))
    session.execute(payments.values(reference="").execution_options(synchronize_session=False))
    session.flush()


def _erase_contact(contact: Contact, *, by: str, now: datetime) -> None:
    """Leave the row, which sales and history point to; being of no kind, no list or search shows it."""
    nothing: dict[str, Any] = {
        **NO_DETAILS,
        **NO_PROVENANCE,
        **NO_KEYS,
        "credit_limit": None,
        "tax_number_edited": False,
        "customer_group": "",
        "tags": "",
    }
    for column, value in nothing.items():
        setattr(contact, column, value)
    contact.name = ERASED_NAME
    contact.is_customer = contact.is_supplier = False
    contact.version += 1
    contact.archived_at = contact.archived_at or now
    contact.erased_at, contact.erased_by = now, by
    contact.updated_at = now
